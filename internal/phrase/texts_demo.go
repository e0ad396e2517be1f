package phrase

var demoTexts = map[string]text{
	"cli.demo.short": {"Show what holds, in a home of its own", "専用のホームで、何が保証されるかを実演する"},
	"cli.demo.long": {
		"Runs this program in a temporary home: starts the daemon, kills it, forges its ledger, and shows what is found. Each line is the outcome of a check. Nothing outside of the temporary folder is touched.",
		"一時的なホームでこのプログラムを動かし、デーモンの起動、強制終了、台帳の改ざんを実際に行い、何が検出されるかを示します。各行は検証の結果です。一時フォルダーの外には何も書きません。",
	},
	"cli.demo.example":   {"  uratori demo\n  uratori demo --keep", "  uratori demo\n  uratori demo --keep"},
	"cli.demo.flag.keep": {"leave the daemon and its dashboard running", "デーモンとダッシュボードを動かしたままにする"},
	"demo.start":         {"A temporary home: {home}", "一時的なホーム: {home}"},
	"demo.together":      {"{count} commands at once, and no daemon yet …", "デーモンがない状態で {count} 個のコマンドを同時に実行します…"},
	"demo.together_proof": {
		"all of them were answered by one daemon (pid {pid}); the ledger has {started} start",
		"すべてに 1 つのデーモン (pid {pid}) が応答しました。台帳に記録された起動は {started} 回です",
	},
	"demo.file": {"A ticket is filed whose text begins like a formula …", "数式のように始まる本文でチケットを起票します…"},
	"demo.file_proof": {
		"{ticket} is in row {row} of the sheet, read back to the letter",
		"{ticket} はシートの {row} 行目にあり、一字一句そのままであることを読み戻して確認しました",
	},
	"demo.edit": {"A person edits it in the sheet; an agent that has not seen that writes …", "人がシートで編集し、それを見ていないエージェントが書き込みます…"},
	"demo.edit_proof": {
		"told as a conflict (exit status {status}); what the person wrote is still there",
		"競合として報告され(終了ステータス {status})、人が書いた内容はそのまま残っています",
	},
	"demo.kill": {"kill -9 of the daemon, right after it acknowledged a backup …", "バックアップの完了を応答した直後のデーモンに kill -9 を送ります…"},
	"demo.kill_proof": {
		"process {old} is gone, the next command started {new}; what was acknowledged is there, the chain of {entries} entries holds",
		"プロセス {old} は消え、次のコマンドで {new} が起動しました。応答済みの記録は残っており、台帳 {entries} 件の連鎖は正常です",
	},
	"demo.examined":       {"The new daemon knows that its predecessor crashed …", "新しいデーモンは前回の異常終了に気づき…"},
	"demo.examined_proof": {"it examined the whole store by itself and recorded: {verdict}", "自動でデータベース全体を検査し、{verdict} と記録しました"},
	"demo.forge":          {"Somebody edits one entry of a copy of the ledger with a SQL shell …", "台帳のコピーの 1 件を SQL で書き換えます…"},
	"demo.forge_proof":    {"found: entry {seq} is {what}; the exit status is {status}", "検出しました: {seq} 番 ({what})。終了ステータスは {status} です"},
	"demo.rewrite":        {"Somebody throws the whole ledger away and starts a new one …", "台帳全体を捨てて、新しく作り直します…"},
	"demo.rewrite_proof":  {"found: the head that was noted before is not in the chain ({what})", "検出しました: 控えておいたハッシュが台帳にありません ({what})"},
	"demo.down":           {"The daemon is stopped …", "デーモンを止めます…"},
	"demo.down_proof":     {"its process {pid} was seen to be gone after {ms} ms", "プロセス {pid} がなくなったことを {ms} ミリ秒後に確認しました"},
	"demo.refuted":        {"this did NOT hold", "これは成り立ちませんでした"},
	"demo.kept":           {"The daemon runs on: {dashboard}\nStop it with: URATORI_HOME={home} uratori down", "デーモンは動き続けています: {dashboard}\n止めるには: URATORI_HOME={home} uratori down"},
	"demo.end":            {"{held} of {all} proofs held, in {seconds} s", "{all} 件中 {held} 件の保証を確認しました ({seconds} 秒)"},
}
