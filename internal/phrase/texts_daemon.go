package phrase

var daemonTexts = map[string]text{
	"daemon.running": {
		"a daemon is already running for {home} (pid {pid}, uratori {version}, since {since}); stop it with `uratori down`",
		"{home} のデーモンはすでに動いています (pid {pid}, uratori {version}, {since} から)。止めるには `uratori down` を実行してください",
	},
	"daemon.held": {
		"another process holds {home} but does not answer; find it with `fuser {home}`, end it and repeat",
		"別のプロセスが {home} を使用中ですが応答しません。`fuser {home}` で調べて終了させ、やり直してください",
	},
	"daemon.no_lock": {
		"{home} cannot be locked; the folder must be on a local file system (not a network or Windows drive)",
		"{home} をロックできません。ローカルのファイルシステム上のフォルダーを使ってください(ネットワークや Windows のドライブは不可)",
	},
	"daemon.no_socket": {
		"the socket {path} cannot be opened; the home must be on a local file system with free space",
		"ソケット {path} を開けません。ホームは空きのあるローカルのファイルシステムに置いてください",
	},
	"daemon.no_such_request": {
		"this daemon has no request {request}; it may be of another version than the command (`uratori doctor`)",
		"このデーモンに {request} という要求はありません。コマンドとバージョンが違う可能性があります (`uratori doctor`)",
	},
	"daemon.bad_request": {
		"the request could not be read; nothing was changed",
		"要求を読み取れませんでした。何も変更していません",
	},
	"daemon.out_of_range": {
		"{what} is {value}: a whole number from 0 to {most} is wanted",
		"{what} の値 {value} は使えません。0〜{most} の整数にしてください",
	},
	"daemon.failed": {
		"the request failed",
		"要求を処理できませんでした",
	},
	"daemon.panicked": {
		"a fault inside the daemon ended this request; what it did is unknown, the daemon runs on, the cause is in its log",
		"デーモン内部の障害によりこの要求は中断されました。処理の結果は不明です。デーモンは動き続けており、原因はログにあります",
	},
	"ledger.not_a_hash": {
		"a hash of the ledger is wanted: 64 hexadecimal digits, as `uratori status` shows them",
		"台帳のハッシュを指定してください(`uratori status` に表示される 16 進数 64 桁)",
	},
	"ledger.not_a_count": {
		"a number of entries is wanted (0 or more), not {value}",
		"件数には 0 以上の数を指定してください({value} は不可)",
	},
	"backup.not_absolute": {
		"the daemon needs the absolute path of the backup, not {file}",
		"バックアップ先は絶対パスで指定してください({file} は不可)",
	},
	"backup.not_read_back": {
		"{file} was written but could not be read back: whether the backup is good is unknown",
		"{file} は書き込まれましたが、読み返せませんでした。バックアップが正しいかどうかは不明です",
	},
	"problem.loop_failed": {
		"the loop {loop} failed and will be started again: {error}",
		"ループ {loop} が失敗しました。再起動します: {error}",
	},
	"problem.store_damaged": {
		"the store {file} is damaged: run `uratori doctor`, and put a backup in its place",
		"データベース {file} が壊れています。`uratori doctor` を実行し、バックアップから戻してください",
	},
	"problem.ledger_broken": {
		"the ledger does not hold from entry {seq} on: run `uratori ledger verify`",
		"台帳が {seq} 番から一致しません。`uratori ledger verify` を実行してください",
	},
	"problem.ledger_lost": {
		"the ledger lacks entry {seq}, which it had before: the store was emptied or rewritten, or a backup was put back; if that was you, remove {file} and run `uratori down`",
		"以前あった台帳の {seq} 番がありません。データベースが空にされたか書き換えられたか、バックアップから戻されています。ご自身で戻した場合は {file} を削除して `uratori down` を実行してください",
	},
	"problem.dashboard_not_served": {
		"the dashboard is not served: {listen} cannot be opened ({error}); it is tried again. Set another address in [server] listen",
		"ダッシュボードを表示できません: {listen} を開けません ({error})。再試行しています。別のアドレスは [server] listen で指定できます",
	},
	"doctor.loop_failed": {
		"the loop {loop} failed and will be started again: {error}",
		"ループ {loop} が失敗しました。再起動します: {error}",
	},
	"doctor.unanswered": {
		"this could not be found out: there was no answer within {seconds} s",
		"確認できませんでした: {seconds} 秒以内に応答がありませんでした",
	},
	"doctor.still_unanswered": {
		"this could not be found out: the check that began at {since} has not come back yet",
		"確認できませんでした: {since} に始めた点検がまだ終わっていません",
	},
	"doctor.check_failed": {
		"this could not be found out: the check itself failed: {error}",
		"確認できませんでした: 点検そのものが失敗しました: {error}",
	},
	"doctor.dashboard_silent": {
		"whether the dashboard works could not be found out: {url} does not answer. `uratori down` has it started anew; jobs go on",
		"ダッシュボードの状態を確認できませんでした: {url} から応答がありません。`uratori down` を実行すると再起動されます(ジョブは動き続けます)",
	},
	"doctor.dashboard_unread": {
		"whether the dashboard works could not be found out at {url}: {error}",
		"ダッシュボード {url} の状態を確認できませんでした: {error}",
	},
	"doctor.dashboard_bad": {
		"the dashboard at {url} answers with an error ({status})",
		"ダッシュボード {url} がエラー ({status}) を返しました",
	},
	"doctor.dashboard_exposed": {
		"the dashboard listens on {listen} without encryption: whoever is on that network can read passphrases and sessions. Listen on an address of a tailnet, or on 127.0.0.1 with something in front that speaks HTTPS, named in [server] hosts",
		"ダッシュボードは暗号化なしで {listen} を公開しています。同じネットワークからパスフレーズやセッションを読み取られます。tailnet のアドレスで待ち受けるか、127.0.0.1 で待ち受けて前段で HTTPS を使い、[server] hosts にその名前を設定してください",
	},
	"doctor.dashboard_ok": {
		"the dashboard answers at {url}",
		"ダッシュボード: {url}",
	},
	"doctor.store_ok": {
		"SQLite's integrity check of {file} found nothing wrong",
		"{file} の整合性検査で異常はありません",
	},
	"doctor.store_damaged": {
		"{file} is damaged in {count} {count|place|places}, the first: {first}. Stop the daemon, keep the file aside and put a backup in its place",
		"{file} に {count} 件の損傷があります。最初の損傷: {first}。デーモンを止め、ファイルを別に保存してからバックアップを戻してください",
	},
	"doctor.store_unread": {
		"{file} could not be checked: {error}",
		"{file} を検査できませんでした: {error}",
	},
	"doctor.ledger_ok": {
		"the chain of {entries} {entries|entry|entries} holds; head {head}",
		"台帳 {entries} 件の連鎖は正常です。最新のハッシュ {head}",
	},
	"doctor.ledger_broken": {
		"the chain breaks at entry {seq} ({what}): the store was changed from outside; `uratori ledger verify` shows where",
		"台帳が {seq} 番で壊れています ({what})。外部から変更されています。`uratori ledger verify` で箇所を確認してください",
	},
	"doctor.ledger_unread": {
		"the ledger could not be read: {error}",
		"台帳を読み取れませんでした: {error}",
	},
	"doctor.disk_ok": {
		"{free} free for {home}",
		"{home} の空き容量 {free}",
	},
	"doctor.disk_low": {
		"only {free} free for {home}; make room: at least {want} is wanted",
		"{home} の空き容量は {free} しかありません。{want} 以上空けてください",
	},
	"doctor.disk_unread": {
		"the free space for {home} could not be read: {error}",
		"{home} の空き容量を確認できませんでした: {error}",
	},
	"page.problems":    {"Problems", "問題"},
	"page.no_problems": {"No problems are known.", "今わかっている問題はありません。"},
	"page.daemon":      {"Daemon", "デーモン"},
	"page.version":     {"Version", "バージョン"},
	"page.pid":         {"Process", "プロセス"},
	"page.home":        {"Home", "ホーム"},
	"page.since":       {"Running since", "起動時刻"},
	"page.ledger":      {"Ledger", "台帳"},
	"page.entries":     {"Entries", "件数"},
	"page.head":        {"Head", "最新のハッシュ"},
	"page.loops":       {"Loops", "ループ"},
	"page.loop":        {"Loop", "ループ"},
	"page.state":       {"State", "状態"},
	"page.restarts":    {"Restarts", "再起動"},
}
