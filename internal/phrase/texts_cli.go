package phrase

var cliTexts = map[string]text{
	"cli.root.short": {
		"a work tracker for AI agents that cannot be lied to",
		"嘘のつけない、AI エージェントのための作業トラッカー",
	},
	"cli.root.long": {
		"uratori (裏取り: checking a claim before printing it) says only what was checked.\nA daemon of your own keeps the evidence; every command starts it when it is not running.",
		"uratori(裏取り)は、確かめたことだけを伝えます。\n証拠は自分専用のデーモンが保管します。動いていなければ、どのコマンドでも自動で起動します。",
	},
	"cli.flag.json":      {"print JSON, in English", "JSON で出力する(英語)"},
	"cli.flag.help":      {"show this help", "このヘルプを表示する"},
	"cli.usage.usage":    {"Usage:", "使い方:"},
	"cli.usage.examples": {"Examples:", "例:"},
	"cli.usage.commands": {"Commands:", "コマンド:"},
	"cli.usage.flags":    {"Flags:", "フラグ:"},
	"cli.usage.global":   {"Flags of all commands:", "共通のフラグ:"},
	"cli.help.short":     {"Help about a command", "コマンドのヘルプを表示する"},
	"cli.completion.short": {
		"Print the completion script of a shell",
		"シェル補完のスクリプトを出力する",
	},
	"cli.completion.long": {
		"Prints a script that completes commands and flags. For bash:\n\n  uratori completion bash > ~/.local/share/bash-completion/completions/uratori",
		"コマンドとフラグを補完するスクリプトを出力します。bash の場合:\n\n  uratori completion bash > ~/.local/share/bash-completion/completions/uratori",
	},
	"cli.completion.shell_long": {
		"Prints the completion script for {shell}. `uratori completion --help` shows where to put the one for bash.",
		"{shell} 用の補完スクリプトを出力します。bash での置き場所は `uratori completion --help` で確認できます。",
	},
	"cli.completion.flag.plain": {"complete without explanations", "説明なしで補完する"},
	"cli.completion.shell":      {"The script for {shell}", "{shell} 用のスクリプト"},

	"cli.output_failed": {
		"the output could not be written to its end",
		"出力を最後まで書き込めませんでした",
	},
	"cli.unknown_command": {
		"{command} has no command {word}; `{command} --help` lists them",
		"{command} に {word} というコマンドはありません。一覧は `{command} --help` で確認できます",
	},
	"cli.unknown_command_near": {
		"{command} has no command {word}; did you mean {near}?",
		"{command} に {word} というコマンドはありません。{near} の間違いではありませんか",
	},
	"cli.arguments": {
		"{want} arguments are wanted, {have} were given; usage: {usage}",
		"引数は {want} 個必要ですが、{have} 個指定されています。使い方: {usage}",
	},
	"cli.unknown_flag":     {"unknown flag {flag}; see --help", "{flag} というフラグはありません。--help を確認してください"},
	"cli.flag_wants_value": {"the flag {flag} needs a value", "フラグ {flag} には値が必要です"},
	"cli.flag_bad_value":   {"--{flag} {value}: a value of type {want} is wanted", "--{flag} {value}: {want} 型の値を指定してください"},
	"cli.bad_flags":        {"the flags could not be read", "フラグを読み取れません"},

	"cli.up.short": {"Run the daemon", "デーモンを動かす"},
	"cli.up.long": {
		"Runs the daemon of this home in the foreground until Ctrl-C. Other commands start it in the background by themselves.",
		"このホームのデーモンを Ctrl-C まで前面で動かします。他のコマンドは必要に応じて背後で自動的に起動します。",
	},
	"cli.up.example": {
		"  uratori up\n  uratori up --background\n  uratori up --systemd > ~/.config/systemd/user/uratori.service",
		"  uratori up\n  uratori up --background\n  uratori up --systemd > ~/.config/systemd/user/uratori.service",
	},
	"cli.up.flag.background": {"start it in the background and return when it answers", "背後で起動し、応答を確認してから終了する"},
	"cli.up.flag.systemd":    {"print a systemd user unit", "systemd のユーザーユニットを出力する"},
	"cli.up.either":          {"--background and --systemd are two different things; give one", "--background と --systemd は同時に指定できません"},
	"cli.up.running": {
		"the daemon answers (pid {pid}); dashboard: {dashboard}",
		"デーモンが応答しています (pid {pid})。ダッシュボード: {dashboard}",
	},
	"cli.up.unit_hint": {
		"save this as ~/.config/systemd/user/uratori.service, then: systemctl --user enable --now uratori && loginctl enable-linger",
		"~/.config/systemd/user/uratori.service に保存し、systemctl --user enable --now uratori && loginctl enable-linger を実行してください",
	},

	"cli.up.flag.heartbeat": {
		"ask for this URL while the monitor works (a dead-man's switch; as monitor.heartbeat_url, which keeps it out of the process list)",
		"監視が動いている間この URL にアクセスする(死活監視サービス用。monitor.heartbeat_url に書けばプロセス一覧に出ない)",
	},
	"cli.up.bad_heartbeat": {"that is no URL for a heartbeat", "ハートビートの URL として使えません"},
	"cli.shim.gone.title":  {"uratori is gone and does not come back", "uratori が停止し、再起動できません"},
	"cli.shim.gone.body": {
		"The daemon of {home} was killed or has crashed, and could not be started again: {reason}\nThe running job goes on, but nobody watches it and nothing else is started.\nOn that machine: `uratori up`, or look at logs/daemon.stderr there.",
		"{home} のデーモンが異常終了し、再起動もできませんでした: {reason}\n実行中のジョブは続いていますが、監視と次のタスクの開始は止まっています。\n対処: そのマシンで `uratori up` を実行するか、logs/daemon.stderr を確認してください。",
	},
	"cli.shim.no_channel": {"nobody could be told: no channel is set", "通知先が設定されていないため、誰にも知らせられません"},

	"cli.down.short": {"Stop the daemon; jobs go on", "デーモンを止める(ジョブは動き続ける)"},
	"cli.down.long": {
		"Stops the daemon of this home and returns when its process is gone. Running jobs are not touched.",
		"このホームのデーモンを止め、プロセスがなくなったことを確かめて終了します。実行中のジョブには影響しません。",
	},
	"cli.down.example": {"  uratori down", "  uratori down"},
	"cli.down.none":    {"no daemon is running for {home}", "{home} のデーモンは動いていません"},
	"cli.down.done":    {"the daemon is stopped: process {pid} is gone", "デーモンを止めました。プロセス {pid} がなくなったことを確認しました"},
	"cli.down.unknown": {
		"the daemon (pid {pid}) was told to stop, but whether it did cannot be seen",
		"デーモン (pid {pid}) に停止を指示しましたが、止まったかどうかを確認できません",
	},
	"cli.down.still_there": {
		"the daemon (pid {pid}) was told to stop but is still there; `kill -9 {pid}` loses nothing that was acknowledged",
		"デーモン (pid {pid}) に停止を指示しましたが、まだ動いています。`kill -9 {pid}` を実行しても確定済みの記録は失われません",
	},

	"cli.status.short": {"Tell how things are", "現在の状態を表示する"},
	"cli.status.example": {
		"  uratori status\n  uratori status 42\n  uratori status INTG-088 --watch\n  uratori status --json",
		"  uratori status\n  uratori status 42\n  uratori status INTG-088 --watch\n  uratori status --json",
	},
	"cli.status.daemon": {
		"daemon     uratori {version}, pid {pid}, since {since}",
		"デーモン        uratori {version}, pid {pid}, {since} から",
	},
	"cli.status.home":      {"home       {home}", "ホーム          {home}"},
	"cli.status.ledger":    {"ledger     {entries} {entries|entry|entries}, head {head}", "台帳            {entries} 件, 最新のハッシュ {head}"},
	"cli.status.dashboard": {"dashboard  {dashboard}", "ダッシュボード  {dashboard}"},
	"cli.status.problem":   {"{mark} {problem}", "{mark} {problem}"},
	"cli.status.fine":      {"{mark} no problems are known", "{mark} 今わかっている問題はありません"},

	"cli.doctor.short": {"Check everything and say how to mend it", "すべてを点検し、直し方を示す"},
	"cli.doctor.long": {
		"Looks at the home, the settings, the daemon, the store and the ledger. Ends with 0 when all is well, 1 when something is wrong, 3 when something could not be looked at.",
		"ホーム、設定、デーモン、データベース、台帳を点検します。すべて正常なら 0、異常があれば 1、確認できないものがあれば 3 で終了します。",
	},
	"cli.doctor.example":   {"  uratori doctor\n  uratori doctor --json", "  uratori doctor\n  uratori doctor --json"},
	"cli.doctor.line":      {"{mark} {name} {text}", "{mark} {name} {text}"},
	"doctor.program":       {"uratori {version}, {go}, {system}", "uratori {version}, {go}, {system}"},
	"doctor.home_ok":       {"{home} is private and on a local file system", "{home} は本人専用で、ローカルのファイルシステムにあります"},
	"doctor.home_open":     {"others can enter {home} ({mode}): run `chmod 700 {home}`", "{home} に他のユーザーが入れます ({mode})。`chmod 700 {home}` を実行してください"},
	"doctor.home_remote":   {"{home} is on {fs}, where locks and the database are not reliable: set URATORI_HOME to a folder on a Linux disk", "{home} は {fs} 上にあり、ロックとデータベースが正しく働きません。URATORI_HOME に Linux のディスク上のフォルダーを指定してください"},
	"doctor.home_unread":   {"{home} could not be looked at: {error}", "{home} を確認できませんでした: {error}"},
	"doctor.settings_ok":   {"{file} holds {count} {count|setting|settings} of its own, all good", "{file} の設定 {count} 件はすべて正しい値です"},
	"doctor.settings_none": {"no {file}: the defaults hold; `uratori init` writes one", "{file} はありません(既定値で動作します)。`uratori init` で作成できます"},
	"doctor.settings_bad":  {"{error}", "{error}"},
	"doctor.daemon_ok":     {"it answers (pid {pid})", "応答しています (pid {pid})"},
	"doctor.daemon_bad":    {"{error}", "{error}"},
	"doctor.daemon_other":  {"it is uratori {daemon}, this command is {command}: run `uratori down`; jobs go on", "デーモンは uratori {daemon}、このコマンドは {command} です。`uratori down` を実行してください(ジョブは動き続けます)"},
	"doctor.daemon_stale":  {"the settings have changed since it started: run `uratori down`; jobs go on", "起動後に設定が変更されています。`uratori down` を実行してください(ジョブは動き続けます)"},

	"init.exists": {"{file} is already there and was left as it is", "{file} はすでに存在するため、そのまま残しました"},

	"cli.config.short":      {"Settings", "設定"},
	"cli.config.show.short": {"Print every setting in force and where it came from", "有効な設定と、その出どころを表示する"},
	"cli.config.show.example": {
		"  uratori config show\n  URATORI_MONITOR_INTERVAL=1s uratori config show --json",
		"  uratori config show\n  URATORI_MONITOR_INTERVAL=1s uratori config show --json",
	},

	"cli.ledger.short":        {"The record of what was observed", "観測したことの記録(台帳)"},
	"cli.ledger.verify.short": {"Walk the whole chain and say whether it holds", "台帳全体の連鎖を検証する"},
	"cli.ledger.verify.long": {
		"Recomputes every hash. A changed, removed, added or swapped entry is named. With --known the given hash, noted earlier from `uratori status`, must be in the chain: that finds a ledger that was rewritten as a whole.",
		"すべてのハッシュを計算し直し、変更・削除・追加・入れ替えがあればその箇所を示します。--known には以前 `uratori status` で控えたハッシュを指定します。台帳全体の書き換えも検出できます。",
	},
	"cli.ledger.verify.example":    {"  uratori ledger verify\n  uratori ledger verify --known 3fa9…", "  uratori ledger verify\n  uratori ledger verify --known 3fa9…"},
	"cli.ledger.verify.flag.known": {"a hash that must be in the chain", "台帳に含まれているはずのハッシュ"},
	"cli.ledger.verify.good":       {"{mark} verified: the chain of {entries} {entries|entry|entries} holds; head {head}", "{mark} 検証済み: 台帳 {entries} 件の連鎖は正常です。最新のハッシュ {head}"},
	"cli.ledger.verify.bad":        {"{mark} refuted: the chain of {entries} {entries|entry|entries} does not hold", "{mark} 不一致: 台帳 {entries} 件の連鎖が壊れています"},
	"cli.ledger.verify.break":      {"  entry {seq}: {what}: {detail}", "  {seq} 番: {what}: {detail}"},
	"cli.ledger.export.short":      {"Print entries as JSON lines", "記録を JSON Lines で出力する"},
	"cli.ledger.export.long": {
		"Prints all entries, or those of one subject such as a ticket. Each line hashes to its own \"hash\" without this program: jq -cSj 'del(.hash)' | sha256sum",
		"すべての記録、またはチケットなど一つの対象の記録を出力します。各行の \"hash\" はこのプログラムなしでも確かめられます: jq -cSj 'del(.hash)' | sha256sum",
	},
	"cli.ledger.export.example":   {"  uratori ledger export > ledger.jsonl\n  uratori ledger export INTG-088", "  uratori ledger export > ledger.jsonl\n  uratori ledger export INTG-088"},
	"cli.ledger.tail.short":       {"Show the newest entries", "最新の記録を表示する"},
	"cli.ledger.tail.example":     {"  uratori ledger tail\n  uratori ledger tail -n 50 -f", "  uratori ledger tail\n  uratori ledger tail -n 50 -f"},
	"cli.ledger.tail.flag.n":      {"how many", "件数"},
	"cli.ledger.tail.flag.follow": {"go on with new ones until Ctrl-C", "Ctrl-C まで新しい記録を表示し続ける"},

	"cli.backup.short": {"Copy the store to a new file while work goes on, and check the copy", "作業を続けたままデータベースを新しいファイルにコピーし、検証する"},
	"cli.backup.long": {
		"The copy is one moment of the whole store. It is read back: SQLite's integrity check and the ledger's chain must hold. An existing file is never overwritten. To restore: uratori down, put the file in place of uratori.db, remove uratori.db-wal, uratori.db-shm and head.json.",
		"ある一時点のデータベース全体をコピーし、読み返して整合性と台帳の連鎖を検証します。既存のファイルは上書きしません。戻すときは uratori down の後、uratori.db と置き換え、uratori.db-wal、uratori.db-shm、head.json を削除してください。",
	},
	"cli.backup.example": {"  uratori backup ~/backups/uratori-$(date +%F).db", "  uratori backup ~/backups/uratori-$(date +%F).db"},
	"cli.backup.good":    {"{mark} verified: {file} ({size}, {entries} ledger {entries|entry|entries}, sha256 {sha256})", "{mark} 検証済み: {file} ({size}, 台帳 {entries} 件, sha256 {sha256})"},
	"cli.backup.bad":     {"{mark} refuted: {file} was written, but it is not good:", "{mark} 不一致: {file} を書き込みましたが、内容が正しくありません:"},
	"cli.backup.wrong":   {"  {wrong}", "  {wrong}"},

	"cli.version.short":   {"Print the version of this program", "このプログラムのバージョンを表示する"},
	"cli.version.example": {"  uratori version\n  uratori version --json", "  uratori version\n  uratori version --json"},
	"cli.version.line":    {"uratori {version} {commit} ({go}, {system})", "uratori {version} {commit} ({go}, {system})"},
}
