package phrase

var workflowTexts = map[string]text{
	"workflow.unreadable": {
		"{file} cannot be read",
		"{file} を読み取れません",
	},
	"workflow.too_long": {
		"{file} has more than {bytes} bytes; shorten it",
		"{file} が {bytes} バイトを超えています。短くしてください",
	},
	"workflow.unknown_key": {
		"{where}: there is no key {key} here; the keys are: {allowed}",
		"{where}: {key} というキーはここでは使えません。使えるキー: {allowed}",
	},
	"workflow.missing_key": {
		"{where}: the key {key} is missing",
		"{where}: キー {key} がありません",
	},
	"workflow.twice": {
		"{where}: {what} stands twice",
		"{where}: {what} が 2 回あります",
	},
	"workflow.bad_value": {
		"{where}: {value} is not possible here",
		"{where}: {value} はここでは指定できません",
	},
	"workflow.want_mapping": {
		"keys with values are wanted",
		"キーと値の組にしてください",
	},
	"workflow.want_text": {
		"a text of one line is wanted; in quotes, where it looks like a number",
		"1 行の文字列にしてください (数値に見えるものは引用符で囲みます)",
	},
	"workflow.want_number": {
		"a number from {low} to {high} is wanted",
		"{low} から {high} までの数値にしてください",
	},
	"workflow.want_true": {
		"true or false is wanted",
		"true か false にしてください",
	},
	"workflow.want_list": {
		"a list with at least one element is wanted",
		"1 つ以上の要素のあるリストにしてください",
	},
	"workflow.want_id": {
		"an id begins with a small letter and has up to 40 small letters, digits and hyphens",
		"ID は英小文字で始まる、英小文字・数字・ハイフンの 40 文字以内にしてください",
	},
	"workflow.want_life": {
		"a time from 1m to 2160h is wanted, such as 72h",
		"72h のように、1m から 2160h までの時間にしてください",
	},
	"workflow.too_many": {
		"{where}: a workflow has at most {most} steps",
		"{where}: 工程は {most} 件までです",
	},
	"workflow.phases": {
		"{where}: the step {step} belongs to an earlier phase than the one before it",
		"{where}: 工程 {step} のフェーズが、前の工程より前に戻っています",
	},
	"workflow.no_gate": {
		"{where}: the step {step} has nothing to show: give it a gate, or an approval",
		"{where}: 工程 {step} には確認する内容がありません。gate か approval を指定してください",
	},
	"workflow.freeze_early": {
		"{where}: the step {step} freezes files before anybody has approved anything; put a step with an approval before it",
		"{where}: 工程 {step} は、承認の前にファイルを凍結します。先に承認の工程を置いてください",
	},
	"workflow.extract_early": {
		"{where}: the extraction runs before anybody has approved anything; put a step with an approval before it",
		"{where}: 承認の前に抽出を実行することになります。先に承認の工程を置いてください",
	},
	"workflow.extract_weak": {
		"{where}: the step extract must have a claim of the type task with min_items of at least 1 and after: start; nothing is exempt from the extraction",
		"{where}: 工程 extract には、min_items が 1 以上で after: start の task が必要です。抽出は免除できません",
	},
	"workflow.no_extract": {
		"{file} has no step with the id extract; every workflow has one, without exception",
		"{file} に ID が extract の工程がありません。抽出の工程はどのワークフローにも必要です",
	},
	"workflow.no_last_word": {
		"{file}: the last step must have an approval and come after the extraction",
		"{file}: 最後の工程は、抽出より後の承認でなければなりません",
	},
	"workflow.no_recheck": {
		"{file}: a step with recheck: true must stand right before the last one, or be the last one",
		"{file}: 最後の工程かその直前の工程に recheck: true が必要です",
	},
	"workflow.no_step": {
		"there is no step {step}; the steps are: {steps}",
		"{step} という工程はありません。工程: {steps}",
	},
	"workflow.not_started": {
		"work on {ticket} was not started; start it with: uratori workflow {ticket} start --root FOLDER",
		"{ticket} の作業は開始されていません。uratori workflow {ticket} start --root フォルダー で開始してください",
	},
	"workflow.moved": {
		"the workflow of {ticket} was changed by somebody else meanwhile; look at it, and repeat",
		"{ticket} のワークフローがその間に変更されました。状態を確認してからやり直してください",
	},
	"workflow.tampered": {
		"the record of {ticket}'s workflow is not what was stored: somebody has changed the database. Nothing passes; put a backup back, see docs/threat-model.md",
		"{ticket} のワークフローの記録が、保存したものと違います。データベースが書き換えられています。どの工程も通過できません。バックアップから戻してください(docs/threat-model.md)",
	},
	"workflow.busy": {
		"{ticket} is being checked; wait for that, and repeat",
		"{ticket} は確認の実行中です。終わってからやり直してください",
	},
	"workflow.no_ticket": {
		"there is no ticket {ticket}; file it first",
		"チケット {ticket} はありません。先に起票してください",
	},
	"workflow.ticket_unseen": {
		"it could not be found out whether there is a ticket {ticket}",
		"チケット {ticket} があるかどうかを確認できませんでした",
	},
	"workflow.no_root": {
		"tell the folder of the project, as an absolute path: root",
		"プロジェクトのフォルダーを絶対パスで指定してください (root)",
	},
	"workflow.bad_root": {
		"{root} cannot be the folder of a project: it must be an absolute path to a folder that is there, and not /",
		"{root} はプロジェクトのフォルダーにできません。存在するフォルダーの絶対パスを指定してください (/ は不可)",
	},
	"workflow.other_root": {
		"the work on {ticket} was started in {root}, and stays there",
		"{ticket} の作業は {root} で開始されており、変更できません",
	},
	"workflow.no_snapshot": {
		"{root} could not be looked through, so what is new there could not be told later; nothing was started",
		"{root} の現状を記録できないため、あとで変化を判定できません。開始していません",
	},
	"workflow.no_reason": {
		"say why, in at most {most} characters",
		"理由を {most} 文字以内で書いてください",
	},
	"workflow.finished": {
		"the work on {ticket} is finished; file a new ticket for what is still to be done",
		"{ticket} の作業は完了しています。続きは新しいチケットを起票してください",
	},
	"workflow.not_yet": {
		"step {number} ({step}) cannot be reached yet: step {current} ({current_step}) is {state}, and no step can be skipped",
		"工程 {number} ({step}) にはまだ進めません。工程 {current} ({current_step}) をまだ通過していません (状態: {state})。工程は飛ばせません",
	},
	"workflow.blocked": {
		"step {step} of {ticket} is blocked ({reason}); when that is settled, start again: uratori workflow {ticket} start",
		"{ticket} の工程 {step} は保留中です ({reason})。解決したら uratori workflow {ticket} start で再開してください",
	},
	"workflow.nobody_needed": {
		"nobody can be asked to approve {step}: step {current} ({current_step}) is the one in hand",
		"{step} の承認は依頼できません。現在の工程は {current} ({current_step}) です",
	},
	"workflow.pins_unread": {
		"the workflow and the settings of the project cannot be read, so nothing after the first approval can be passed",
		"プロジェクトのワークフローや設定を読み取れないため、最初の承認より後の工程は通過できません",
	},
	"workflow.pins_moved": {
		"{file} is not what it was at the start; the change counts for nothing until a person has approved it. While nobody has approved anything, starting again takes it over",
		"{file} が開始時から変更されています。人が承認するまで、この変更は無効です (まだ何も承認されていなければ、start のやり直しで反映されます)",
	},
	"workflow.pinned": {
		"the changed workflow or settings were approved and count from now on; the steps before {step} have to be looked at again under them",
		"変更されたワークフロー・設定が承認され、有効になりました。{step} より前の工程を、新しい内容で確認し直してください",
	},
	"workflow.not_looked": {
		"it could not be looked at whether earlier steps still hold",
		"これまでの工程が今も成り立つかを確認できませんでした",
	},
	"workflow.stale_terms": {
		"it passed under other settings of the project",
		"通過したときと、プロジェクトの設定が異なります",
	},
	"workflow.stale_frozen": {
		"a person has approved other files than it had frozen; they have to be frozen now",
		"凍結したファイルの変更が承認されました。凍結し直す必要があります",
	},
	"workflow.stale_basis": {
		"{name} ({kind}) has changed since it was looked at",
		"確認した後で {name} ({kind}) が変更されています",
	},
	"workflow.stale_approval": {
		"what was approved is not what is there now",
		"承認された内容と現在の内容が異なります",
	},
	"workflow.nothing_to_see": {
		"nothing was looked at for step {step}, so nothing was seen",
		"工程 {step} では何も確認されませんでした",
	},
	"workflow.not_frozen": {
		"the files that step {step} freezes could not be read",
		"工程 {step} で凍結するファイルを読み取れませんでした",
	},
	"workflow.want_pattern": {
		"a pattern below the project, or below {{workspace}}/, or a value such as {{tests}} is wanted",
		"プロジェクト内か {{workspace}}/ 内のパターン、または {{tests}} のような値にしてください",
	},
	"workflow.nothing_to_freeze": {
		"there is no file that step {step} could freeze",
		"工程 {step} で凍結するファイルがありません",
	},
	"workflow.moving": {
		"something changed while step {step} was being checked; repeat",
		"工程 {step} の確認中に変化がありました。やり直してください",
	},
	"workflow.lacks": {
		"the work cannot come to its end in this project as it is, so nobody was asked yet (steps: {steps})",
		"このままでは最後まで進めないため、承認の依頼はしていません (工程: {steps})",
	},
	"workflow.lacks_values": {
		"the project does not say what {names} is; below [project] in uratori.toml lines like these are wanted: {lines}",
		"{names} の値がプロジェクトに設定されていません。uratori.toml の [project] に次のような行を書き加えてください: {lines}",
	},
	"workflow.no_longer": {
		"the step {step} has not passed any more",
		"工程 {step} は、もう通過していません",
	},
	"workflow.wants": {
		"{claim} {subject}",
		"{claim} {subject}",
	},
	"workflow.unchecked": {
		"step {step} has not been checked yet",
		"工程 {step} はまだ確認されていません",
	},
	"workflow.tells.rule": {
		"rule of the project: {rule}",
		"プロジェクトの規則: {rule}",
	},
	"workflow.tells.recheck": {
		"every earlier step is looked at again",
		"これまでのすべての工程を確かめ直す",
	},
	"workflow.tells.person": {
		"a person has approved exactly what is there now",
		"現在の内容そのものを人が承認していること",
	},
	"workflow.person.waits": {
		"a person was asked to approve {step} and has not answered yet",
		"{step} の承認を依頼済みで、返事を待っています",
	},
	"workflow.person.rejected": {
		"{step} was rejected: {reason}",
		"{step} は却下されました: {reason}",
	},
	"workflow.person.expired": {
		"the request to approve {step}, or its approval, has lapsed; ask again",
		"{step} の承認依頼 (または承認) は期限切れです。もう一度依頼してください",
	},
	"workflow.person.void": {
		"what is there now is not what a person was asked to approve at {step}; ask again",
		"{step} で承認を依頼した内容から変更されています。もう一度依頼してください",
	},
	"workflow.person.unasked": {
		"nobody was asked to approve {step} yet",
		"{step} の承認はまだ依頼されていません",
	},
	"workflow.no_action": {
		"there is no action {action}; the actions are: show, start, check, block, request_approval",
		"{action} という操作はありません。使えるのは show, start, check, block, request_approval です",
	},
	"workflow.no_claims": {
		"give at least one claim",
		"確認する主張を 1 つ以上指定してください",
	},
	"workflow.phase.finished": {
		"finished",
		"完了",
	},
	"workflow.phase.blocked": {
		"(blocked)",
		"(保留)",
	},
	"workflow.next.start": {
		"start the work in the folder of the project: uratori workflow {ticket} start --root FOLDER",
		"プロジェクトのフォルダーで作業を開始してください: uratori workflow {ticket} start --root フォルダー",
	},
	"workflow.next.check": {
		"do step {number} ({step}), then have it checked: uratori workflow {ticket} check",
		"工程 {number} ({step}) を行い、確認してください: uratori workflow {ticket} check",
	},
	"workflow.next.stale": {
		"step {number} ({step}) is no longer as it was found; put that right, then have it checked: uratori workflow {ticket} check",
		"工程 {number} ({step}) は、確認したときの状態ではなくなっています。直してから確認してください: uratori workflow {ticket} check",
	},
	"workflow.next.ask": {
		"ask a person to approve step {number} ({step}): uratori workflow {ticket} request-approval",
		"工程 {number} ({step}) の承認を依頼してください: uratori workflow {ticket} request-approval",
	},
	"workflow.next.wait": {
		"wait for a person to approve step {number} ({step}), then: uratori workflow {ticket} check",
		"工程 {number} ({step}) の承認を待ち、その後: uratori workflow {ticket} check",
	},
	"workflow.next.blocked": {
		"step {number} ({step}) is blocked; when that is settled: uratori workflow {ticket} start",
		"工程 {number} ({step}) は保留中です。解決したら: uratori workflow {ticket} start",
	},
	"workflow.next.finished": {
		"all steps of {ticket} have passed; nothing is left to do",
		"{ticket} のすべての工程が完了しています",
	},
}
