package phrase

var approveCLITexts = map[string]text{
	"cli.approve.short": {"Approve or reject what a ticket waits for", "チケットの承認依頼に回答する"},
	"cli.approve.long": {
		`Shows what waits for a person's approval, part by part with its hashes, and takes the
answer with the passphrase for approvals. The passphrase is asked for on the terminal
and is not shown; no flag, variable or pipe can give it. Without TICKET it is the one
question that waits, where there is only one.

--set-passphrase chooses the passphrase, for the first time or with the old one. What an
approval is worth against a program that runs as you: docs/threat-model.md.

Ends with 0 when the answer was written down, 1 when it was refused (a wrong passphrase,
nothing that waits, something else to be approved by now), 2 when the command was wrong
or there is no terminal, 3 when it cannot be said.`,
		`承認を待っている内容を、構成要素ごとのハッシュとともに表示し、承認用パスフレーズで回答を
受け付けます。パスフレーズは端末で尋ね、画面には表示しません。フラグ・環境変数・パイプでは
渡せません。TICKET を省略すると、待っている依頼が 1 件だけの場合にそれを選びます。

--set-passphrase でパスフレーズを設定・変更します (変更には今のものが必要です)。あなたと同じ
権限で動くプログラムに対して承認がどこまで有効かは docs/threat-model.md を参照してください。

終了ステータスは、回答を記録できれば 0、受け付けられなければ 1 (パスフレーズの誤り、依頼が
ない、対象が変更済み)、指定の誤りや端末がない場合は 2、確認できなければ 3 です。`,
	},
	"cli.approve.example": {
		"  uratori approve --set-passphrase\n  uratori approve --list\n  uratori approve INTG-088\n  uratori approve INTG-088 --step plan-approval --reject --reason 'Figure 3 is missing'",
		"  uratori approve --set-passphrase\n  uratori approve --list\n  uratori approve INTG-088\n  uratori approve INTG-088 --step plan-approval --reject --reason '図 3 がありません'",
	},
	"cli.approve.flag.step":           {"the `STEP` that is meant, where a ticket waits at more than one", "複数のステップが待っている場合の `STEP`"},
	"cli.approve.flag.reject":         {"reject, with --reason", "却下する (--reason が必要)"},
	"cli.approve.flag.reason":         {"why it is rejected, as `TEXT`; the agent reads it", "却下の理由の `TEXT` (エージェントに伝わる)"},
	"cli.approve.flag.set_passphrase": {"choose the passphrase for approvals", "承認用パスフレーズを設定・変更する"},
	"cli.approve.flag.list":           {"only show what waits", "待っている依頼の一覧だけを表示する"},

	"cli.approve.alone": {
		"--set-passphrase stands alone, and --list goes with a ticket at most",
		"--set-passphrase は単独で、--list はチケットの指定とだけ使えます",
	},
	"cli.approve.reason_alone": {
		"--reason is of a rejection; add --reject",
		"--reason は却下の理由です。--reject も指定してください",
	},
	"cli.approve.no_terminal": {
		"approving needs a person at a terminal: open a terminal of your own on this machine (or ssh -t) and run the same command there; nothing was approved",
		"承認には端末の前の人が必要です。このマシンでご自身の端末 (または ssh -t) を開き、同じコマンドを実行してください。何も承認していません",
	},
	"cli.approve.none": {
		"nothing waits for an approval",
		"承認待ちの依頼はありません",
	},
	"cli.approve.none_of": {
		"nothing of {ticket} waits for an approval",
		"{ticket} に承認待ちの依頼はありません",
	},
	"cli.approve.which": {
		"{count} questions wait; name the ticket, and with --step the step",
		"承認待ちの依頼が {count} 件あります。チケットと --step を指定してください",
	},
	"cli.approve.line": {
		"{ticket}  {step} ({id})  asked {asked}, until {until}  code {code}",
		"{ticket}  {step} ({id})  依頼 {asked}、期限 {until}  コード {code}",
	},
	"cli.approve.unset": {
		"{mark} there is no passphrase yet: `uratori approve --set-passphrase`",
		"{mark} パスフレーズが未設定です: `uratori approve --set-passphrase`",
	},
	"cli.approve.locked": {
		"{mark} too many wrong passphrases: nobody can answer before {until}",
		"{mark} パスフレーズの誤りが続いたため、{until} まで誰も回答できません",
	},
	"cli.approve.head": {
		"{ticket}, step {id}: {step}. This is what you would approve:",
		"{ticket} ステップ {id}: {step}。承認の対象:",
	},
	"cli.approve.times": {
		"  asked {asked}, until {until}",
		"  依頼 {asked}、期限 {until}",
	},
	"cli.approve.note": {
		"  whoever asked adds:",
		"  依頼者の補足:",
	},
	"cli.approve.digest": {
		"all of it: sha256 {digest}",
		"全体: sha256 {digest}",
	},
	"cli.approve.file_changed": {
		"{mark} {path} has changed since it was asked for: it is not what you would approve",
		"{mark} {path} は依頼の後に変更されています。承認の対象とは別の内容です",
	},
	"cli.approve.file_more": {
		"    … {count} more {count|line|lines}: {path}",
		"    … 残り {count} 行: {path}",
	},
	"cli.approve.file_cut": {
		"    … long lines are cut where the … stands: {path}",
		"    … 長い行は … の先を省略: {path}",
	},
	"cli.approve.file_all": {
		"    (all of {path})",
		"    ({path} の全文)",
	},
	"cli.approve.file_binary": {
		"    ({path}: {bytes} bytes, no text)",
		"    ({path}: {bytes} バイト、テキスト以外)",
	},
	"cli.approve.prompt": {
		"Passphrase to APPROVE {ticket}, {step} (empty: leave it open):",
		"{ticket}「{step}」を承認するパスフレーズ (空なら回答しない):",
	},
	"cli.approve.prompt_reject": {
		"Passphrase to REJECT {ticket}, {step} (empty: leave it open):",
		"{ticket}「{step}」を却下するパスフレーズ (空なら回答しない):",
	},
	"cli.approve.prompt_old":   {"Passphrase so far:", "今のパスフレーズ:"},
	"cli.approve.prompt_new":   {"New passphrase:", "新しいパスフレーズ:"},
	"cli.approve.prompt_again": {"The same once more:", "もう一度:"},
	"cli.approve.differ": {
		"these are two passphrases; nothing was changed",
		"2 回の入力が一致しません。何も変更していません",
	},
	"cli.approve.nothing": {
		"nothing was answered; the question still waits",
		"回答していません。依頼は待機中のままです",
	},
	"cli.approve.approved": {
		"{mark} approved: {ticket}, {step} (ledger entry {entry}; valid until {until}, for exactly this)",
		"{mark} 承認しました: {ticket}「{step}」(記録 {entry} 番。この内容に限り {until} まで有効)",
	},
	"cli.approve.rejected": {
		"{mark} rejected: {ticket}, {step} (ledger entry {entry})",
		"{mark} 却下しました: {ticket}「{step}」(記録 {entry} 番)",
	},
	"cli.approve.unclear": {
		"{mark} {ticket}, {step}: whether the answer was written down cannot be said; look at `uratori approve --list`",
		"{mark} {ticket}「{step}」: 回答が記録されたか確認できません。`uratori approve --list` で確認してください",
	},
	"cli.approve.set": {
		"{mark} the passphrase for approvals is set. Keep it out of files and shells that agents can read",
		"{mark} 承認用パスフレーズを設定しました。エージェントが読めるファイルやシェルには残さないでください",
	},

	"cli.incidents.kind.approval":            {"an approval was waited for", "承認待ち"},
	"cli.incidents.kind.approval_locked":     {"wrong passphrases for approvals", "承認用パスフレーズの誤り"},
	"cli.incidents.kind.approval_passphrase": {"the passphrase for approvals was set", "承認用パスフレーズの設定"},
	"cli.incidents.kind.approval_tampered":   {"approvals were tampered with", "承認の改ざん"},
	"cli.incidents.kind.workflow_tampered":   {"a workflow was tampered with", "ワークフローの改ざん"},
}
