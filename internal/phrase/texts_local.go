package phrase

var localTexts = map[string]text{
	"factcheck.asked_nothing": {
		"nothing was claimed of {ticket}, so there is nothing to verify",
		"{ticket} について確認する内容がないため、何も確認していません",
	},
	"local.too_slow": {
		"the look was not over within {limit}, so nothing is known: repeat it, or give the claim more time with \"timeout\"",
		"{limit} 以内に確認が終わらず、何も分かっていません。やり直すか、「timeout」で時間を延ばしてください",
	},
	"local.no_folder": {
		"the folder \"{folder}\" cannot be opened, so nothing in it was looked at: is it still there?",
		"フォルダー「{folder}」を開けないため、中を確認できません。まだありますか",
	},
	"local.leads_out": {
		"{path} leads out of the project and of the folder of the ticket through a link, and is not looked at: put the file itself there",
		"{path} はリンクをたどるとプロジェクトとチケットのフォルダーの外に出るため、確認しません。ファイルそのものを置いてください",
	},
	"local.unreadable": {
		"{path} could not be looked at",
		"{path} を確認できませんでした",
	},
	"local.changing": {
		"{path} was changed while it was looked at: repeat when nobody writes to it",
		"{path} は確認中に変わりました。書き込みが終わってからやり直してください",
	},
	"local.being_written": {
		"somebody has {path} open for writing, so what it will hold is not known: repeat when it is finished",
		"{path} は書き込み用に開かれており、内容がまだ決まっていません。書き込みが終わってからやり直してください",
	},
	"local.and_more": {
		"and {more} more are wrong; the first",
		"ほかに {more} 件の誤りがあります。最初のもの",
	},
	"local.none": {
		"there is no file {path}",
		"{path} に当てはまるファイルがありません",
	},
	"local.no_file": {
		"there is no file {path}",
		"ファイル {path} がありません",
	},
	"local.no_directory": {
		"{path} is there, and is no folder",
		"{path} はありますが、フォルダーではありません",
	},
	"local.not_file": {
		"{path} is a folder, pipe, socket or device, and no file",
		"{path} はフォルダー、パイプ、ソケット、デバイスのいずれかで、ファイルではありません",
	},
	"local.is_there": {
		"{path} is there, and must not be",
		"{path} があってはなりませんが、あります",
	},
	"local.empty": {
		"there is nothing in {path}",
		"{path} は空です",
	},
	"local.all_empty": {
		"there is nothing in any of the files {path}",
		"{path} のファイルはすべて空です",
	},
	"local.too_small": {
		"{path} has {size} {size|byte|bytes}, and needs {min}",
		"{path} は {size} バイトで、{min} バイトに足りません",
	},
	"local.too_large": {
		"{path} has {size} bytes, more than {max}",
		"{path} は {size} バイトで、{max} バイトを超えています",
	},
	"local.too_few": {
		"{path}: there are {count}, and {min} are needed",
		"{path}: {count} 個しかなく、{min} 個必要です",
	},
	"local.too_many": {
		"{path}: there are {count}, more than {max}",
		"{path}: {count} 個あり、{max} 個を超えています",
	},
	"local.other_hash": {
		"{path} has the SHA-256 {actual}, not {expected}",
		"{path} の SHA-256 は {actual} で、{expected} ではありません",
	},
	"local.lacks_text": {
		"{what} does not hold \"{text}\"",
		"{what} に「{text}」がありません",
	},
	"local.has_text": {
		"{what} holds \"{text}\", and must not",
		"{what} に「{text}」があってはなりませんが、あります",
	},
	"local.no_match_text": {
		"nothing in {what} matches {expression}",
		"{what} に {expression} に当てはまる箇所がありません",
	},
	"local.older": {
		"{path} was last written at {written}, before {since}",
		"{path} の最終更新は {written} で、{since} より前です",
	},
	"local.only_touched": {
		"{path} holds exactly what it held at {since}: only its times are new",
		"{path} の内容は {since} の時点と同じで、日時だけが新しくなっています",
	},
	"local.not_known_before": {
		"{path} was there before {since}, and what it held then is not known, so that nobody can tell whether it was written since: times can be set",
		"{path} は {since} より前からあり、その時点の内容が記録されていません。日時は変更できるため、その後に書かれたかどうかは分かりません",
	},
	"local.older_than_file": {
		"{path} (of {written}) is older than {other} (changed at {changed}): make it again",
		"{path} ({written}) は {other} ({changed} に変更) より古くなっています。作り直してください",
	},
	"local.nothing_to_compare": {
		"there is no file that {path} could be newer than",
		"{path} と比べるファイルがありません",
	},
	"local.no_picture": {
		"{path} is no picture that can be decoded here",
		"{path} はデコードできる画像ではありません",
	},
	"local.other_size": {
		"{path} is a picture of {width} by {height} pixels, which is not what is asked for",
		"{path} は {width}×{height} ピクセルで、条件を満たしません",
	},
	"local.other_format": {
		"{path} is a {format} picture, not {wanted}",
		"{path} は {format} の画像で、{wanted} ではありません",
	},
	"local.blank": {
		"{path} shows nothing: all of it has one colour",
		"{path} には何も写っていません。全体が 1 色です",
	},
	"local.unpaired": {
		"{path} has no counterpart of the same name ({left} {left|file|files} on the left, {right} on the right)",
		"{path} と同じ名前の相手がありません (左 {left} 個、右 {right} 個)",
	},
	"local.same_stem": {
		"{path} and {other} have the same name without the extension, so that they cannot be paired up",
		"{path} と {other} は拡張子を除いた名前が同じで、対にできません",
	},
	"local.both_empty": {
		"there is no file on either side, so that nothing was counted",
		"どちら側にもファイルがなく、数えるものがありません",
	},
	"local.appeared": {
		"{path} has appeared ({at}) since {since}",
		"{path} が {since} より後に現れました ({at})",
	},
	"local.changed_since": {
		"{path} was changed ({at}) since {since}",
		"{path} が {since} より後に変更されました ({at})",
	},
	"local.rule": {
		"the project says: {message}",
		"プロジェクトの規則: {message}",
	},
	"local.not_frozen": {
		"{path} is not what it was when it was frozen (SHA-256 {actual}, not {expected}): restore it",
		"{path} は固定した時点の内容と異なります (SHA-256 は {actual} で、{expected} ではありません)。元に戻してください",
	},
	"local.no_program": {
		"there is no program {program} in the PATH of the daemon: install it, or give its path",
		"デーモンの PATH にプログラム {program} がありません。インストールするか、パスを書いてください",
	},
	"local.not_run": {
		"{program} could not be run",
		"{program} を実行できませんでした",
	},
	"local.timed_out": {
		"it was not over within {limit} and was ended with everything that it had started",
		"{limit} 以内に終わらなかったため、起動したものも含めてすべて終了させました",
	},
	"local.signalled": {
		"it was ended by a signal ({signal}) instead of the exit status {wanted}",
		"終了ステータス {wanted} ではなく、シグナル ({signal}) で終了しました",
	},
	"local.exit_status": {
		"its exit status is {status}, not {wanted}",
		"終了ステータスは {status} で、{wanted} ではありません",
	},
	"local.last_line": {
		"its last line was: {line}",
		"最後の出力: {line}",
	},
	"local.survivors": {
		"{count} of the processes that it started could not be ended ({name}, pid {pid}), so that it is not over",
		"起動したプロセスのうち {count} 個を終了できず ({name}, pid {pid})、まだ終わっていません",
	},
	"local.output_cut": {
		"more than {bytes} bytes came from {stream}, and the rest was not kept: let it say less",
		"{stream} の出力が {bytes} バイトを超え、残りは記録されていません。出力を減らしてください",
	},
	"local.inputs_changed": {
		"files that {command} depends on were changed while it ran, so that its result belongs to none of them: run it again",
		"{command} の実行中に、依存するファイルが変わりました。結果がどの内容のものか分かりません。もう一度実行してください",
	},
	"local.no_evidence": {
		"there is no folder for what commands say, so that none is run",
		"コマンドの出力を保存するフォルダーがないため、実行しません",
	},
	"local.not_kept": {
		"what the command said could not be kept in {folder}",
		"コマンドの出力を {folder} に保存できませんでした",
	},
	"local.report_no_run": {
		"the command {command} has not run in this check, so that there is no report of it",
		"この確認ではコマンド {command} が実行されていないため、テスト結果がありません",
	},
	"local.report_not_made": {
		"{path} is what it was before {command} ran: the command did not make it",
		"{path} は {command} の実行前と同じです。このコマンドが作ったものではありません",
	},
	"local.report_changed": {
		"{path} was changed after the command had made it",
		"{path} はコマンドが作った後に変更されています",
	},
	"local.report_too_large": {
		"{path} has {size} bytes, and at most {most} are read",
		"{path} は {size} バイトあり、読めるのは {most} バイトまでです",
	},
	"local.bad_report": {
		"{path} is no report of tests that counts",
		"{path} は有効なテスト結果ではありません",
	},
	"local.tests_failed": {
		"{failed} of {total} {total|test|tests} failed, the first of them {first}",
		"{total} 件のテストのうち {failed} 件が失敗しました。最初のもの: {first}",
	},
	"local.no_tests": {
		"{path} shows no test that ran ({skipped} were skipped)",
		"{path} には実行されたテストがありません (スキップ {skipped} 件)",
	},
	"local.few_tests": {
		"{ran} {ran|test|tests} ran and {skipped} were skipped; {min} have to run",
		"実行されたテストは {ran} 件 (スキップ {skipped} 件) で、{min} 件必要です",
	},
	"local.many_skipped": {
		"{skipped} {skipped|test was|tests were} skipped, and at most {max} may be",
		"{skipped} 件のテストがスキップされました。許されるのは {max} 件までです",
	},
	"local.no_repository": {
		"{folder} is in no git repository that can be read",
		"{folder} は読み取れる git リポジトリの中にありません",
	},
	"local.other_tree": {
		"the settings of the repository of {folder} give it the files of {other}: take core.worktree out",
		"{folder} のリポジトリの設定は {other} のファイルを指しています。core.worktree を外してください",
	},
	"local.no_commit": {
		"there is no commit {name}",
		"コミット {name} がありません",
	},
	"local.not_on_branch": {
		"{branch} does not have the commit {commit}: was it amended or rebased away?",
		"{branch} にコミット {commit} がありません。amend や rebase で失われていませんか",
	},
	"local.no_new_commit": {
		"{branch} has no commit since {since}",
		"{branch} に {since} 以降のコミットがありません",
	},
	"local.empty_commits": {
		"the commits of {branch} since {since} change nothing",
		"{branch} の {since} 以降のコミットは何も変えていません",
	},
	"local.not_committed": {
		"{path} is not in the commit {commit}",
		"{path} はコミット {commit} に含まれていません",
	},
	"local.not_in_new_commits": {
		"no commit since {since} has brought or changed {path}",
		"{since} 以降のコミットに {path} の追加や変更がありません",
	},
	"local.not_clean": {
		"there are changes that are not committed: {change}",
		"コミットされていない変更があります: {change}",
	},
	"local.hidden_from_git": {
		"git was told not to look at {path} (assume-unchanged or skip-worktree), so that nobody knows whether it was changed: run git update-index --no-assume-unchanged --no-skip-worktree for it",
		"git は {path} を見ないように設定されており (assume-unchanged または skip-worktree)、変更の有無が分かりません。git update-index --no-assume-unchanged --no-skip-worktree を実行してください",
	},
	"local.process_unseen": {
		"process {pid} could not be looked at",
		"プロセス {pid} を確認できませんでした",
	},
	"local.process_unknown": {
		"process {pid} runs, and a number alone may be another process by now: add start_ticks ({start} if it is this one)",
		"プロセス {pid} は動いていますが、番号だけでは別のプロセスかもしれません。start_ticks を書き加えてください (このプロセスなら {start})",
	},
	"local.process_lives": {
		"process {pid} still runs",
		"プロセス {pid} はまだ動いています",
	},
	"local.http_elsewhere": {
		"{url} leads to another machine, which is not asked: add the host to allow_hosts in uratori.toml",
		"{url} は別のマシンを指すため、確認しません。uratori.toml の allow_hosts にホストを書き加えてください",
	},
	"local.http_refused": {
		"nobody listens at {url}",
		"{url} では何も待ち受けていません",
	},
	"local.http_failed": {
		"{url} could not be asked ({problem})",
		"{url} を確認できませんでした ({problem})",
	},
	"local.http_status": {
		"{url} answers with the status {status}, not {wanted}",
		"{url} の応答ステータスは {status} で、{wanted} ではありません",
	},
	"local.body_cut": {
		"{url} answers with more than {bytes} bytes, and the rest was not looked at",
		"{url} の応答が {bytes} バイトを超え、残りは確認していません",
	},
	"local.no_tasks": {
		"tasks cannot be looked at here",
		"ここではタスクを確認できません",
	},
	"local.no_task": {
		"{ticket} has no task {name}: enqueue it",
		"{ticket} にタスク {name} がありません。キューに入れてください",
	},
	"local.task_state": {
		"task {task} ({name}) has not succeeded, it is {state}",
		"タスク {task} ({name}) は成功していません (状態: {state})",
	},
	"local.task_again": {
		"`uratori logs {task}` shows its end, `uratori retry {task}` runs it again",
		"`uratori logs {task}` で経過を確認し、`uratori retry {task}` で再実行できます",
	},
	"local.task_status": {
		"task {task} ended with the status {status}",
		"タスク {task} は終了ステータス {status} で終わりました",
	},
	"local.task_before": {
		"task {task} was asked for at {asked}, before {since}: run it again",
		"タスク {task} は {asked} に依頼されたもので、{since} より前です。もう一度実行してください",
	},
	"local.task_items": {
		"task {task} has worked off {items} {items|item|items}, and {min} are needed",
		"タスク {task} が処理した項目は {items} 個で、{min} 個必要です",
	},
	"local.task_outputs_unknown": {
		"task {task} does not say what it makes, so that nobody can look whether it is there: enqueue it with items and outputs",
		"タスク {task} は出力を指定していないため、揃っているか確認できません。項目と出力を指定してキューに入れてください",
	},
	"local.task_outputs": {
		"{left} of {total} {total|item|items} of task {task} have no whole output now",
		"タスク {task} の {total} 項目のうち {left} 項目に、現在有効な出力がありません",
	},
	"local.task_unlisted": {
		"{path} is not in the list of what task {task} has made: run the extraction again",
		"{path} はタスク {task} の出力一覧にありません。抽出をもう一度実行してください",
	},
	"local.task_replaced": {
		"{path} is not what task {task} has made: it was changed since",
		"{path} はタスク {task} が作ったものではありません。その後で変更されています",
	},
	"local.task_by_hand": {
		"{path} was written at {written}, when no task {name} of the ticket was at work: remove it and run the extraction again",
		"{path} は {written} に書かれましたが、その時チケットのタスク {name} は動いていませんでした。削除して抽出をもう一度実行してください",
	},
	"local.task_copies": {
		"{path} and {other} are the same picture, made of different inputs",
		"{path} と {other} は同じ画像ですが、元の入力は異なります",
	},
	"local.no_approvals": {
		"approvals cannot be looked at here",
		"ここでは承認を確認できません",
	},
	"local.not_approved": {
		"{step} is not approved ({state}): ask a person",
		"{step} は承認されていません ({state})。人に依頼してください",
	},
	"local.approved_other": {
		"what was approved for {step} is not what is there now: ask for it again",
		"{step} で承認されたものは現在の内容と異なります。もう一度依頼してください",
	},
	"local.no_sheet": {
		"the sheet cannot be looked at here",
		"ここではシートを確認できません",
	},
	"local.cell_differs": {
		"{column} holds something else",
		"「{column}」の内容が異なります",
	},
	"local.cell_empty": {
		"there is nothing in {column}",
		"「{column}」は空です",
	},
	"local.write_refuted": {
		"what was written to {column} is not there",
		"「{column}」に書き込んだ内容がありません",
	},
	"local.write_unseen": {
		"it could not be seen whether what was written to {column} is there",
		"「{column}」に書き込んだ内容があるか確認できませんでした",
	},
	"local.few_writes": {
		"{count} {count|write|writes} to the ticket {count|counts|count}, and {min} are needed: update the ticket",
		"有効な書き込みは {count} 件で、{min} 件必要です。チケットを更新してください",
	},
}
