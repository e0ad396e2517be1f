package phrase

var configTexts = map[string]text{
	"config.no_home": {
		"no home folder can be found: set URATORI_HOME (or HOME) to an absolute path",
		"ホームフォルダーが決まりません。URATORI_HOME(または HOME)に絶対パスを設定してください",
	},
	"config.home_root": {
		"the root folder cannot be the home: set URATORI_HOME to a folder of its own",
		"ルートフォルダーはホームにできません。URATORI_HOME に専用のフォルダーを指定してください",
	},
	"config.run_not_ours": {
		"{run} is not a folder of this user; remove it and repeat",
		"{run} はこのユーザーのフォルダーではありません。削除してからやり直してください",
	},
	"config.home_read_only": {
		"{home} is on a read-only file system: set URATORI_HOME to a folder that can be written",
		"{home} は読み取り専用のファイルシステム上にあります。URATORI_HOME に書き込めるフォルダーを指定してください",
	},
	"config.home_full": {
		"the disk of {home} is full: free some space and repeat",
		"{home} のあるディスクが一杯です。空きを作ってからやり直してください",
	},
	"config.home_no_access": {
		"{home} cannot be written by this user: check its owner and permissions, or set URATORI_HOME to another folder",
		"{home} に書き込む権限がありません。所有者と権限を確認するか、URATORI_HOME に別のフォルダーを指定してください",
	},
	"config.home_unusable": {
		"{home} cannot be used as the home folder: set URATORI_HOME to another folder",
		"{home} をホームフォルダーとして使えません。URATORI_HOME に別のフォルダーを指定してください",
	},
	"config.unreadable": {
		"{file} cannot be read",
		"{file} を読み取れません",
	},
	"config.too_long": {
		"{file} is longer than {bytes} bytes; settings are a few lines",
		"{file} が {bytes} バイトを超えています。設定ファイルは数十行で足りるはずです",
	},
	"config.syntax": {
		"{where}: this is not TOML: {problem}",
		"{where}: TOML として読めません: {problem}",
	},
	"config.unknown_key": {
		"{where}: unknown setting {key}; `uratori config show` lists all settings",
		"{where}: {key} という設定はありません。設定の一覧は `uratori config show` で確認できます",
	},
	"config.unknown_key_near": {
		"{where}: unknown setting {key}; did you mean {near}?",
		"{where}: {key} という設定はありません。{near} の間違いではありませんか",
	},
	"config.bad_value": {
		"{where}: {key}: {value} is not allowed, what is",
		"{where}: {key}: {value} は指定できません。指定できるのは",
	},
	"config.secret_readable": {
		"{where}: {key} holds a secret, but others can read {file} ({mode}): run `chmod 600 {file}`",
		"{where}: {key} は秘密の値ですが、{file} は他のユーザーから読めます ({mode})。`chmod 600 {file}` を実行してください",
	},
	"config.secret_unreadable": {
		"{where}: {key}: {file} cannot be read",
		"{where}: {key}: {file} を読み取れません",
	},
	"config.reference_outside_secret": {
		"{where}: {key}: {value}: variables are expanded in secrets only; write the value itself, or set the variable of this key",
		"{where}: {key}: {value}: 変数を展開できるのは秘密の値だけです。値を直接書くか、この設定に対応する環境変数を使ってください",
	},
	"config.reference_unset": {
		"{where}: {key}: the environment variable {variable} is not set",
		"{where}: {key}: 環境変数 {variable} が設定されていません",
	},
	"config.stall_order": {
		"{where}: monitor.stall_warn ({warn}) < stall_alert ({alert}) < stall_kill ({kill}) is wanted",
		"{where}: monitor.stall_warn ({warn}) < stall_alert ({alert}) < stall_kill ({kill}) の順にしてください",
	},
	"config.same_column": {
		"{where}: {key} and {other} name the same column {value}",
		"{where}: {key} と {other} が同じ列 {value} を指しています",
	},

	"config.allowed.spreadsheet": {
		`"local" for the embedded sheet, or the ID or URL of a Google spreadsheet`,
		`内蔵シートなら "local"、それ以外は Google スプレッドシートの ID か URL`,
	},
	"config.allowed.text":      {"a text without control characters, not empty", "空でなく制御文字を含まない文字列"},
	"config.allowed.prefix":    {"capital letters and digits, a letter first, such as INTG", "INTG のような、英大文字で始まる英大文字と数字"},
	"config.allowed.endpoint":  {"empty, or an https URL; plain http to this machine only", "空、または https の URL(http はこのマシン宛てのみ)"},
	"config.allowed.path":      {"empty, or the path of a file that only you can read; a relative one is below the home", "空、または自分だけが読めるファイルのパス(相対パスはホームから)"},
	"config.allowed.duration":  {`a time longer than nothing, such as "15s", "5m" or "1h30m"`, `"15s"、"5m"、"1h30m" のような 0 より長い時間`},
	"config.allowed.workspace": {"an absolute path with {{id}}; {{home}} stands for the home", "{{id}} を含む絶対パス({{home}} はホーム)"},
	"config.allowed.listen":    {`an address of this machine with a port, such as "127.0.0.1:8088"; others only once there is a login`, `"127.0.0.1:8088" のような、このマシン内のアドレスとポート(外部公開はログイン機能ができるまで不可)`},
	"config.allowed.positive":  {"a whole number from 1 to 1000", "1 から 1000 までの整数"},
	"config.allowed.count":     {"a whole number from 0 to 1000", "0 から 1000 までの整数"},
	"config.allowed.percent":   {"a whole number from 1 to 100", "1 から 100 までの整数"},
	"config.allowed.celsius":   {"a whole number from 1 to 150", "1 から 150 までの整数"},
	"config.allowed.size":      {`a size above zero, such as "500MB" or "2GiB"`, `"500MB"、"2GiB" のような 0 より大きい容量`},
	"config.allowed.library":   {"empty to search, or an absolute path", "空(自動検索)、または絶対パス"},
	"config.allowed.secret":    {"a text, or ${{NAME}} for an environment variable", "文字列、または環境変数を指す ${{NAME}}"},

	"config.allowed.bool":       {"true or false", "true か false"},
	"config.allowed.hours":      {`empty, or a part of the day such as "22:00-07:00"`, `空、または "22:00-07:00" のような時間帯`},
	"config.allowed.secret_url": {"an https URL (plain http to this machine only), or ${{NAME}} for an environment variable", "https の URL(http はこのマシン宛てのみ)、または環境変数を指す ${{NAME}}"},
	"config.allowed.topic":      {"the https URL of a topic, such as https://ntfy.sh/TOPIC, or ${{NAME}} for an environment variable", "https://ntfy.sh/TOPIC のようなトピックの URL、または環境変数を指す ${{NAME}}"},

	"config.template.head": {
		"Settings of uratori. Remove the # of a line to change it; what is shown is the default.\nEach can also be set by URATORI_ and its name, as in URATORI_MONITOR_INTERVAL=10s.\nA running daemon takes changes up after `uratori down`.",
		"uratori の設定。変更する行の # を外してください。書かれている値が既定値です。\nURATORI_MONITOR_INTERVAL=10s のように URATORI_ で始まる環境変数でも指定できます。\n動いているデーモンには `uratori down` の後で反映されます。",
	},
	"config.template.variable": {"Better set in the environment, as {variable}.", "環境変数 {variable} での指定をお勧めします。"},

	"setting.tracker.spreadsheet":         {"Where the tickets are.", "チケットの置き場所。"},
	"setting.tracker.sheet":               {"Name of the tab.", "シート(タブ)の名前。"},
	"setting.tracker.prefix":              {"Ticket ids begin with it: INTG-088.", "チケット ID の接頭辞: INTG-088。"},
	"setting.tracker.endpoint":            {"Base URL of another Sheets-compatible server.", "Sheets 互換サーバーのベース URL。"},
	"setting.tracker.credentials":         {"Service account or OAuth client file; else GOOGLE_APPLICATION_CREDENTIALS.", "サービスアカウントまたは OAuth クライアントのファイル。なければ GOOGLE_APPLICATION_CREDENTIALS。"},
	"setting.tracker.sync_interval":       {"How often people's edits are looked for.", "人による編集を確認する間隔。"},
	"setting.tracker.requests_per_minute": {"Most reads, and most writes, of Google Sheets in a minute; 0 is no limit.", "1 分あたりの Google スプレッドシート読み取り数・書き込み数それぞれの上限。0 は無制限。"},
	"setting.tracker.workspace":           {"Folder of a ticket.", "チケットごとのフォルダー。"},
	"setting.tracker.columns.id":          {"Header of the column with the ids.", "ID 列の見出し。"},
	"setting.tracker.columns.summary":     {"Header of the summaries.", "概要列の見出し。"},
	"setting.tracker.columns.detail":      {"Header of the details.", "詳細列の見出し。"},
	"setting.tracker.columns.status":      {"Header of the states.", "ステータス列の見出し。"},
	"setting.tracker.columns.approval":    {"Header of the approvals.", "承認列の見出し。"},
	"setting.server.listen":               {"Where the dashboard is.", "ダッシュボードのアドレス。"},
	"setting.runner.slots":                {"How many tasks run at once.", "同時に実行するタスクの数。"},
	"setting.runner.retries":              {"Automatic resumes after the first run.", "初回の後に自動で再開する回数。"},
	"setting.runner.backoff":              {"Wait before the first resume; doubles with each.", "最初の再開までの待ち時間。回を追うごとに倍になる。"},
	"setting.runner.grace":                {"How long a task may tidy up when it is told to end.", "終了を指示されたタスクが後始末に使える時間。"},
	"setting.monitor.interval":            {"How often running tasks are looked at.", "実行中のタスクを確認する間隔。"},
	"setting.monitor.gpu_memory_percent":  {"GPU memory from which on people are told.", "通知する GPU メモリー使用率。"},
	"setting.monitor.gpu_temperature_c":   {"GPU temperature in °C from which on people are told.", "通知する GPU 温度(℃)。"},
	"setting.monitor.memory_growth":       {"Growth of a task's memory that counts as a leak.", "メモリーリークとみなす増加量。"},
	"setting.monitor.cpu_percent":         {"CPU use from which on people are told.", "通知する CPU 使用率。"},
	"setting.monitor.timeout":             {"Longest run of a task.", "タスクの最長実行時間。"},
	"setting.monitor.stall_warn":          {"No sign of life: a warning.", "無応答: 警告まで。"},
	"setting.monitor.stall_alert":         {"No sign of life: an alert.", "無応答: 緊急通知まで。"},
	"setting.monitor.stall_kill":          {"No sign of life: the task is stopped and resumed.", "無応答: 強制停止して再開するまで。"},
	"setting.monitor.nvml":                {"Path of libnvidia-ml.so.1 (WSL2: /usr/lib/wsl/lib/libnvidia-ml.so.1).", "libnvidia-ml.so.1 のパス(WSL2: /usr/lib/wsl/lib/libnvidia-ml.so.1)。"},
	"setting.notify.quiet_hours":          {"Messages of priority low and normal wait until these hours are over.", "優先度 low と normal の通知をこの時間帯が終わるまで保留する。"},
	"setting.notify.pushover.token":       {"Application token of Pushover.", "Pushover のアプリケーショントークン。"},
	"setting.notify.pushover.user":        {"User key of Pushover.", "Pushover のユーザーキー。"},
	"setting.notify.pushover.endpoint":    {"Base URL of another server that speaks Pushover's API.", "Pushover 互換サーバーのベース URL。"},
	"setting.notify.pushover.emergency":   {"Critical messages ring again every minute, for an hour, until somebody acknowledges.", "優先度 critical の通知を、確認されるまで最長 1 時間、1 分ごとに鳴らす。"},
	"setting.notify.webhook.url":          {"Every message is also posted there as JSON.", "すべての通知を JSON でもここへ送る。"},
	"setting.notify.ntfy.url":             {"Every message is also published to this topic of ntfy.", "すべての通知を ntfy のこのトピックにも送る。"},
	"setting.notify.ntfy.token":           {"Access token of the ntfy server, where one is needed.", "ntfy サーバーのアクセストークン(必要な場合)。"},
}
