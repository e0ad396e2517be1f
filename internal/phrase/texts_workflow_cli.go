package phrase

var workflowCLITexts = map[string]text{
	"cli.workflow.short": {
		"Take a ticket through its steps",
		"チケットの作業を工程に沿って進める",
	},
	"cli.workflow.long": {
		"Shows where the work on a ticket stands, and what its current step still lacks.\n\nA step passes when a check has found everything that it has to show; nothing marks it as done. A step that needs a person waits for an answer to exactly what is there (uratori approve). What was found goes stale when it changes. A step that cannot be done can be blocked, with a reason.\n\nWithout a ticket: that of TRACKER_ID, else the only one in work in this folder; show lists all. Ends with 0 when the check has passed, 1 when something is missing, 3 when something could not be looked at.",
		"チケットの作業の進み具合と、現在の工程に足りないものを表示します。\n\n工程は、必要なことがすべて確認できたときにだけ通過します。「完了」と申告する方法はありません。人の承認が必要な工程は、現在の内容そのものへの回答 (uratori approve) を待ちます。確認した内容が後から変わると、その工程は要再確認になります。できない工程は理由を付けて保留できます。\n\nチケットを省略すると TRACKER_ID のもの、なければこのフォルダーで作業中の唯一のものが対象です (show は一覧を表示)。終了コードは、確認が通れば 0、足りないものがあれば 1、確認できなければ 3 です。",
	},
	"cli.workflow.example": {
		"  uratori workflow INTG-088 start --root ~/project\n  uratori workflow INTG-088\n  uratori workflow INTG-088 check\n  uratori workflow INTG-088 request-approval --reason \"SOW and plan are ready\"\n  uratori workflow INTG-088 block --reason \"the input images are missing\"\n  uratori workflow --schema",
		"  uratori workflow INTG-088 start --root ~/project\n  uratori workflow INTG-088\n  uratori workflow INTG-088 check\n  uratori workflow INTG-088 request-approval --reason \"SOW と計画ができました\"\n  uratori workflow INTG-088 block --reason \"入力画像がありません\"\n  uratori workflow --schema",
	},
	"cli.workflow.flag.step": {
		"a step by its number or id: the current one, or one before it",
		"工程の番号か ID (現在の工程か、それより前の工程)",
	},
	"cli.workflow.flag.reason": {
		"why a step is blocked, or a word to the person who is asked",
		"保留の理由、または承認者へのひとこと",
	},
	"cli.workflow.flag.root": {
		"the folder of the project, for start (default: this folder)",
		"start で使うプロジェクトのフォルダー (既定: 現在のフォルダー)",
	},
	"cli.workflow.flag.schema": {
		"print the JSON schema of uratori.workflow.yaml, for editors",
		"uratori.workflow.yaml の JSON スキーマを出力する (エディター用)",
	},
	"cli.workflow.schema_alone": {
		"--schema stands alone",
		"--schema は単独で指定してください",
	},
	"cli.workflow.no_action": {
		"{action} is nothing that can be done; possible are: {actions}",
		"{action} という操作はありません。使えるもの: {actions}",
	},
	"cli.workflow.flag_alone": {
		"--{flag} goes with: {actions}",
		"--{flag} を使えるのは次の操作です: {actions}",
	},
	"cli.workflow.which": {
		"{count} tickets are in work in {folder}: name the one that is meant",
		"{folder} で作業中のチケットは {count} 件です。対象のチケットを指定してください",
	},
	"cli.workflow.none": {
		"no ticket is in work",
		"作業中のチケットはありません",
	},
	"cli.workflow.line_finished": {
		"{ticket}  finished  {root}",
		"{ticket}  完了  {root}",
	},
	"cli.workflow.line_unread": {
		"{mark} {ticket}  nothing can be said: {why}",
		"{mark} {ticket}  状態を確認できません: {why}",
	},
	"cli.workflow.phase": {
		"phase {phase}",
		"フェーズ {phase}",
	},
	"cli.workflow.verdict": {
		"{mark} check: {verdict}",
		"{mark} 確認結果: {verdict}",
	},
	"cli.workflow.problem": {
		"{mark} {problem}",
		"{mark} {problem}",
	},
	"cli.workflow.next": {
		"next: {next}",
		"次: {next}",
	},
	"cli.workflow.checked": {
		"last checked at {time}",
		"最後の確認: {time}",
	},
	"cli.workflow.expires": {
		"the request lapses at {time}",
		"依頼の期限: {time}",
	},
	"cli.workflow.state.open":    {"open", "未完了"},
	"cli.workflow.state.waiting": {"waiting for a person", "承認待ち"},
	"cli.workflow.state.passed":  {"passed", "通過"},
	"cli.workflow.state.blocked": {"blocked", "保留"},
	"cli.workflow.state.stale":   {"stale: to be checked again", "要再確認"},
	"cli.claim.step":             {"step", "工程"},
	"cli.claim.task":             {"task", "タスク"},
	"cli.claim.file":             {"file", "ファイル"},
	"cli.claim.images":           {"pictures", "画像"},
	"cli.claim.count_equal":      {"pairs", "対応するファイル"},
	"cli.claim.command":          {"command", "コマンド"},
	"cli.claim.test_report":      {"report of tests", "テスト結果"},
	"cli.claim.git_commit":       {"commit", "コミット"},
	"cli.claim.process_gone":     {"process", "プロセス"},
	"cli.claim.http":             {"page", "ページ"},
	"cli.claim.no_match_since":   {"rule", "規則"},
	"cli.claim.approval":         {"approval", "承認"},
	"cli.claim.writes":           {"writes", "書き込み"},
	"cli.claim.frozen":           {"frozen files", "凍結したファイル"},
}
