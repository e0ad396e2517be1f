package phrase

var taskCLITexts = map[string]text{
	"cli.flag_wrong": {"--{flag} {value}", "--{flag} {value} は指定できません"},
	"cli.span.bad": {
		"give a length of time with its unit, such as 90m, 1h30m or 2d, of ten years at most",
		"時間の長さを 90m、1h30m、2d のように単位を付けて指定してください (10 年まで)",
	},
	"cli.span.nothing": {"give more than nothing", "0 より長い時間を指定してください"},
	"cli.moment.bad": {
		"give a time of day as 21:30, or a point in time as 2026-11-21T21:30:00+09:00",
		"時刻を 21:30、または日時を 2026-11-21T21:30:00+09:00 のように指定してください",
	},
	"cli.moment.past": {"that is over; it is {now} now", "すでに過ぎています (現在 {now})"},

	"cli.task.bad_number": {"{word} is no task; give its number, as 42 (`uratori status` lists them)", "{word} はタスクの番号ではありません。42 のように指定してください (`uratori status` で一覧を確認できます)"},
	"cli.task.flag":       {"--{flag}", "--{flag} を読み取れません"},
	"cli.task.too_few":    {"--{flag} {value}: give {fewest} or more", "--{flag} {value}: {fewest} 以上を指定してください"},
	"cli.task.signal":     {"{signal}", "シグナル {signal}"},
	"cli.task.exit":       {"exit {code}", "終了ステータス {code}"},
	"cli.task.waits_for":  {"waits for {tasks}", "{tasks} の成功待ち"},
	"cli.task.after":      {"after {tasks}", "{tasks} の成功後"},
	"cli.task.not_before": {"not before {time}", "{time} 以降に開始"},
	"cli.task.next":       {"next", "次に開始"},
	"cli.task.position":   {"position {position}", "待ち順 {position} 番目"},
	"cli.task.took":       {"took {time}", "所要 {time}"},
	"cli.task.attempt":    {"attempt {attempt} of {attempts}", "試行 {attempt}/{attempts}"},
	"cli.task.daemon_gone": {
		"the daemon has gone; a job goes on without it. Waiting for it to come back (`uratori up --background` starts it)",
		"デーモンがいなくなりました。ジョブはそのまま動き続けます。デーモンが戻るのを待っています (`uratori up --background` で起動できます)",
	},

	"cli.task.state.queued":      {"queued", "待機"},
	"cli.task.state.held":        {"held", "保留"},
	"cli.task.state.starting":    {"starting", "起動中"},
	"cli.task.state.running":     {"running", "実行中"},
	"cli.task.state.paused":      {"paused", "一時停止"},
	"cli.task.state.stalled":     {"no sign of life", "応答なし"},
	"cli.task.state.succeeded":   {"succeeded", "成功"},
	"cli.task.state.failed":      {"failed", "失敗"},
	"cli.task.state.killed":      {"killed", "強制終了"},
	"cli.task.state.unstarted":   {"could not be started", "起動失敗"},
	"cli.task.state.timed_out":   {"took too long", "時間切れ"},
	"cli.task.state.gpu_error":   {"GPU error", "GPU エラー"},
	"cli.task.state.interrupted": {"interrupted", "中断"},

	"cli.enqueue.short": {"Put a command in the queue", "コマンドをキューに入れる"},
	"cli.enqueue.long": {
		`Puts a command in the queue of this machine and returns at once. It runs when a slot is
free, in this folder and with this environment, and goes on when the terminal, the agent's
session or the daemon ends. When it fails or is interrupted it is tried again.

Before --, the first word is a ticket when it looks like INTG-088, else a name for the
task; both may be given, the ticket first. Without a ticket $TRACKER_ID counts. Flags may
stand anywhere before --; what stands behind it is the command, to the letter, and no shell
sees it (give sh -c '…' where you want one). The short form NAME COMMAND… works without --.

With --items the inputs are known: progress is shown, and an attempt gets only those that
have no good output of --out yet. In the command {{list}} is a file of them, one a line (as is
$URATORI_ITEMS), {{items}} stands for them as arguments and {{folder}} for a folder of links;
with --each the command runs once per input, which is {{item}}. Quote the patterns.`,
		`このマシンのキューにコマンドを入れ、すぐに戻ります。スロットが空くと、今のフォルダー・
今の環境変数で実行されます。端末やエージェントのセッション、デーモンが終了しても動き続けます。
失敗や中断のときは自動で再試行します。

-- より前の最初の語は、INTG-088 の形ならチケット、それ以外はタスク名です。両方を指定するときは
チケットが先です。チケットを省略すると $TRACKER_ID を使います。フラグは -- より前ならどこにでも
書けます。-- より後は一字一句そのままコマンドになり、シェルは介在しません (必要なら sh -c '…' を
指定してください)。「タスク名 コマンド…」の形なら -- を省略できます。

--items を指定すると入力がわかるので、進捗が表示され、--out の正しい出力がまだない入力だけが
試行に渡されます。コマンドの中の {{list}} は入力を 1 行に 1 つ書いたファイル ($URATORI_ITEMS と同じ)、
{{items}} は引数に並べたもの、{{folder}} はリンクのフォルダーになります。--each を付けると入力ごとに
1 回ずつ実行し、その入力が {{item}} になります。パターンは引用符で囲んでください。`,
	},
	"cli.enqueue.example": {
		"  uratori enqueue INTG-088 --name extract --items 'pages/*.png' --out 'out/{{stem}}.json' --gpu 1 -- python extract.py --list {{list}}\n  uratori enqueue extract -- python extract.py --epochs 3\n  uratori enqueue INTG-088 --after 41 --timeout 2d --env LANG=C -- ./report.sh\n  uratori enqueue INTG-088 --at 21:30 --retries 5 -- sh -c 'make all > log'",
		"  uratori enqueue INTG-088 --name 抽出 --items 'pages/*.png' --out 'out/{{stem}}.json' --gpu 1 -- python extract.py --list {{list}}\n  uratori enqueue extract -- python extract.py --epochs 3\n  uratori enqueue INTG-088 --after 41 --timeout 2d --env LANG=C -- ./report.sh\n  uratori enqueue INTG-088 --at 21:30 --retries 5 -- sh -c 'make all > log'",
	},
	"cli.enqueue.flag.name":         {"a `NAME` for the task (default: that of the program)", "タスクの `NAME` (省略時はプログラム名)"},
	"cli.enqueue.flag.items":        {"the inputs: a `PATTERN` in quotes, or a path; may be repeated", "入力の `PATTERN` (引用符で囲む) またはパス。繰り返し可"},
	"cli.enqueue.flag.out":          {"what is made of each input: a `TEMPLATE` with {{stem}}, {{name}}, {{ext}}, {{dir}}, {{index}}; may be repeated", "各入力から作られる出力の `TEMPLATE` ({{stem}}、{{name}}、{{ext}}、{{dir}}、{{index}} が使える)。繰り返し可"},
	"cli.enqueue.flag.each":         {"run the command once per input, `N` at a time", "入力ごとに 1 回ずつ、同時に `N` 個までコマンドを実行する"},
	"cli.enqueue.flag.retries":      {"try again `N` times by itself (default: the setting runner.retries)", "自動で `N` 回まで再試行する (省略時は設定 runner.retries)"},
	"cli.enqueue.flag.timeout":      {"end an attempt after this time, as 90m, 1h30m or 2d (default: the setting monitor.timeout)", "1 回の試行の制限時間 (例: 90m、1h30m、2d。省略時は設定 monitor.timeout)"},
	"cli.enqueue.flag.stall_kill":   {"end an attempt that shows no sign of life for this time (default: the setting monitor.stall_kill)", "この時間、応答がなければ試行を打ち切る (省略時は設定 monitor.stall_kill)"},
	"cli.enqueue.flag.gpu":          {"how many GPUs it needs: `N`", "必要な GPU の数 `N`"},
	"cli.enqueue.flag.on_gpu_error": {"with cpu, go on without a GPU after a GPU error; else the task ends: `cpu`", "`cpu` を指定すると、GPU エラーの後は GPU なしで続ける (指定しなければタスクは終了する)"},
	"cli.enqueue.flag.priority":     {"a higher `N` goes first (default 0)", "優先度 `N` (大きいほど先。省略時は 0)"},
	"cli.enqueue.flag.after":        {"start only after this `TASK` has succeeded, as 41 or 41,42; may be repeated", "この `TASK` (例: 41 または 41,42) が成功してから開始する。繰り返し可"},
	"cli.enqueue.flag.at":           {"not before this time, as 21:30 or 2026-11-21T21:30:00+09:00", "この時刻より前には開始しない (例: 21:30、2026-11-21T21:30:00+09:00)"},
	"cli.enqueue.flag.delay":        {"not before this time is over, as 30m", "この時間がたつまで開始しない (例: 30m)"},
	"cli.enqueue.flag.env":          {"a variable for the job, as `NAME=VALUE`; may be repeated", "ジョブの環境変数 `NAME=VALUE`。繰り返し可"},
	"cli.enqueue.flag.cwd":          {"run in this `FOLDER` (default: this one)", "この `FOLDER` で実行する (省略時は今のフォルダー)"},
	"cli.enqueue.flag.progress":     {"how a line of the log tells the progress: a `REGEX` with (?P<done>…) and (?P<total>…), or (?P<percent>…)", "ログの行から進捗を読み取る `REGEX` ((?P<done>…) と (?P<total>…)、または (?P<percent>…) を含むもの)"},
	"cli.enqueue.flag.hold":         {"queue it held: it waits for uratori resume", "保留にして入れる (uratori resume で開始できるようになる)"},
	"cli.enqueue.flag.key":          {"a `KEY` of your own: the same key again is the same request and is not done twice", "要求を識別する `KEY`。同じキーは同じ要求とみなし、二重には入れない"},
	"cli.enqueue.env_dropped": {
		"the variable {name} is not UTF-8 and is not handed to the job",
		"環境変数 {name} は UTF-8 ではないため、ジョブには渡しません",
	},
	"cli.enqueue.dash": {
		"put -- before the command: with a ticket, nobody can tell whether {word} is a name or the program. `uratori enqueue {ticket} -- {word} …`, or with --name",
		"コマンドの前に -- を入れてください。チケットの後の {word} が、タスク名かプログラムか判断できません。`uratori enqueue {ticket} -- {word} …`、または --name を使ってください",
	},
	"cli.enqueue.words": {
		"before -- at most a ticket and a name may stand, in this order; these are left over: {words}. Put -- before the command",
		"-- より前に書けるのはチケットとタスク名だけです (この順)。余分な語があります: {words}。コマンドの前に -- を入れてください",
	},
	"cli.enqueue.unquoted": {
		"{word} looks like a file that the shell made of a pattern; quote it, as --items 'pages/*.png'",
		"{word} は、シェルがパターンを展開したファイル名のようです。--items 'pages/*.png' のように引用符で囲んでください",
	},
	"cli.enqueue.empty_word": {
		"a word before the command is empty; is a variable of your script not set?",
		"コマンドより前に空の語があります。スクリプトの変数が未設定ではありませんか",
	},
	"cli.enqueue.ticket_like": {
		"{word} looks like a ticket but is none; write it as {prefix}-088, or give it as --name",
		"{word} はチケットのようですが、形が違います。{prefix}-088 のように書くか、タスク名なら --name で指定してください",
	},
	"cli.enqueue.two_names":     {"the task has two names: --name {name}, and {word} before the command; give one", "タスク名が --name {name} と {word} の 2 つあります。どちらか一方にしてください"},
	"cli.enqueue.empty_name":    {"--name is empty", "--name が空です"},
	"cli.enqueue.no_command":    {"there is no command; give it behind --, as `uratori enqueue extract -- python extract.py`", "コマンドがありません。`uratori enqueue extract -- python extract.py` のように -- の後に指定してください"},
	"cli.enqueue.empty_command": {"the command is an empty word; is a variable of your script not set?", "コマンドが空です。スクリプトの変数が未設定ではありませんか"},
	"cli.enqueue.no_program": {
		"there is no program {word} to run, and {name} was taken as the name; put -- before the command, as `uratori enqueue {name} -- {word} …`",
		"実行できるプログラム {word} がありません ({name} はタスク名とみなしました)。`uratori enqueue {name} -- {word} …` のように、コマンドの前に -- を入れてください",
	},
	"cli.enqueue.tracker_id": {"the variable TRACKER_ID, which names the ticket", "チケットを表す環境変数 TRACKER_ID が正しくありません"},
	"cli.enqueue.each_alone": {"--each has no meaning without --items", "--each は --items と一緒に指定してください"},
	"cli.enqueue.on_gpu_error": {
		"--on-gpu-error {value}: only cpu may be given; without it a GPU error ends the task",
		"--on-gpu-error {value}: 指定できるのは cpu だけです。指定しなければ、GPU エラーでタスクは終了します",
	},
	"cli.enqueue.at_and_delay": {"--at and --delay are two ways to say one thing; give one", "--at と --delay は同時に指定できません"},
	"cli.enqueue.empty_cwd":    {"--cwd is empty", "--cwd が空です"},
	"cli.enqueue.no_here":      {"this folder cannot be found any more", "今いるフォルダーが見つかりません"},
	"cli.enqueue.no_cwd":       {"{cwd} is no folder", "{cwd} というフォルダーはありません"},
	"cli.enqueue.bad_env":      {"--env {value}: give NAME=VALUE", "--env {value}: 名前=値 の形で指定してください"},
	"cli.enqueue.env_twice":    {"--env {name} is given twice", "--env {name} が 2 回指定されています"},
	"cli.enqueue.no_text": {
		"{word} is not UTF-8, or holds a NUL, and cannot be handed on as it is; give it in UTF-8, or in a script of its own",
		"{word} は UTF-8 ではない (または NUL を含む) ため、そのまま渡せません。UTF-8 で指定するか、スクリプトの中に書いてください",
	},
	"cli.enqueue.outcome_open": {
		"whether it was enqueued is not known; repeat with --key {key}, which makes it the same request: it is not done twice",
		"キューに入ったかどうかは不明です。--key {key} を付けてやり直してください。同じ要求とみなされ、二重には実行されません",
	},

	"cli.run.short": {"Put a command in the queue, show its output and wait", "コマンドをキューに入れ、出力を表示して終了を待つ"},
	"cli.run.long": {
		`Does what enqueue does, with the same words and flags, and then shows the output of the
task as if the command ran here: stdout on stdout, stderr on stderr, attempt after attempt.
Ctrl-C ends the showing, not the task.

Ends with 0 when the task succeeded, 1 when it failed or was killed, 3 when that is not
known, as after Ctrl-C.`,
		`enqueue と同じ語とフラグでキューに入れ、その場で実行しているかのように出力を表示します
(標準出力は標準出力へ、標準エラー出力は標準エラー出力へ)。再試行も続けて表示します。
Ctrl-C で終わるのは表示だけで、タスクは動き続けます。

終了ステータスは、成功なら 0、失敗または強制終了なら 1、わからなければ (Ctrl-C の後など) 3 です。`,
	},
	"cli.run.example": {
		"  uratori run INTG-088 --gpu 1 -- python extract.py\n  uratori run -- make test",
		"  uratori run INTG-088 --gpu 1 -- python extract.py\n  uratori run -- make test",
	},
	"cli.run.queued": {"{task} is in the queue: {dashboard}", "{task} をキューに入れました: {dashboard}"},
	"cli.run.left": {
		"#{task} goes on; `uratori logs -f {task}` follows it, `uratori kill {task}` ends it",
		"#{task} は動き続けます。`uratori logs -f {task}` で続きを表示、`uratori kill {task}` で強制終了できます",
	},

	"cli.wait.short":        {"Wait for the end of a task", "タスクの終了を待つ"},
	"cli.wait.long":         {"Waits until the task has ended for good, all its attempts included. Ends with 0 when it succeeded, 1 when it failed or was killed, 3 when the time is over first.", "再試行も含めて、タスクが最終的に終わるまで待ちます。成功なら 0、失敗または強制終了なら 1、先に制限時間が過ぎたら 3 で終了します。"},
	"cli.wait.example":      {"  uratori wait 42\n  uratori wait 42 --timeout 2h && ./next.sh", "  uratori wait 42\n  uratori wait 42 --timeout 2h && ./next.sh"},
	"cli.wait.flag.timeout": {"wait no longer than this, as 90m or 2d (default: for ever)", "待つ時間の上限 (例: 90m、2d。省略時は上限なし)"},
	"cli.wait.still":        {"{task} has not ended yet: {state}", "{task} はまだ終わっていません: {state}"},

	"cli.execute.short":   {"Run the next task now", "次のタスクを今すぐ実行する"},
	"cli.execute.long":    {"Starts the task that is next in the queue now, even while the queue is paused.", "キューの先頭のタスクを今すぐ開始します。キューが一時停止中でも開始します。"},
	"cli.execute.example": {"  uratori execute", "  uratori execute"},

	"cli.status.long": {
		`Without a word: the daemon, the ledger, what is wrong, and the tasks that run, that wait
and that ended last. With a task (42) all about it; with a ticket (INTG-088) its tasks.

--watch looks again every second until q or Ctrl-C, or until the one task has ended. Where
the output is no terminal it prints a line for each change.`,
		`引数なしでは、デーモン、台帳、問題、それに実行中・待機中・最近終わったタスクを表示します。
タスク (42) を指定するとその詳細を、チケット (INTG-088) を指定するとそのタスクを表示します。

--watch は、q か Ctrl-C が押されるまで (タスクを 1 つ指定したときは、それが終わるまで) 1 秒ごとに
表示を更新します。出力先が端末でなければ、変化のたびに 1 行ずつ出力します。`,
	},
	"cli.status.flag.watch":    {"look again and again", "繰り返し更新する"},
	"cli.status.flag.interval": {"with --watch, how often to look", "--watch で、表示を更新する間隔"},
	"cli.status.flag.all":      {"all tasks, also those that ended long ago", "ずっと前に終わったものも含めて、すべてのタスクを表示する"},
	"cli.status.flag.state":    {"only tasks in this `STATE`, as failed", "この `STATE` (failed など) のタスクだけを表示する"},
	"cli.status.neither":       {"{word} is neither a task, as 42, nor a ticket, as INTG-088", "{word} は、タスクの番号 (42 など) でもチケット (INTG-088 など) でもありません"},
	"cli.status.empty_state":   {"--state is empty", "--state が空です"},
	"cli.status.one_task":      {"--all and --state choose among tasks; with the number of one they have no meaning", "--all と --state はタスクを絞り込むものです。番号と一緒には指定できません"},
	"cli.status.circle":        {"the list of tasks turns in a circle at #{before}; nothing is known about the rest", "タスクの一覧が #{before} で堂々巡りになっています。残りは取得できません"},
	"cli.status.tasks":         {"tasks      {queue}", "タスク          {queue}"},
	"cli.status.none":          {"there are no tasks", "タスクはありません"},
	"cli.status.none_of":       {"{ticket} has no tasks", "{ticket} のタスクはありません"},
	"cli.status.more":          {"there are older ones; --all lists them", "これより古いタスクがあります。--all で表示できます"},
	"cli.status.lost":          {"{time}  nothing can be seen: {reason}", "{time}  確認できません: {reason}"},
	"cli.status.quit":          {"q ends this; the tasks go on", "q で表示を終了 (タスクは動き続けます)"},
	"cli.status.below":         {"… and {count} more {count|line|lines}", "… ほか {count} 行"},
	"cli.queue":                {"{running} of {slots} {slots|slot|slots} in use, {queued} {queued|task waits|tasks wait}", "使用中のスロット {running}/{slots}、待機中のタスク {queued} 件"},
	"cli.queue.paused":         {"the queue is paused (`uratori resume` lets it go on)", "キューは一時停止中 (`uratori resume` で再開)"},

	"cli.detail.attempt":  {"attempt", "試行"},
	"cli.detail.nth":      {"{attempt} of {attempts}", "{attempts} 回中 {attempt} 回目"},
	"cli.detail.progress": {"progress", "進捗"},
	"cli.detail.activity": {"last sign", "最後の動き"},
	"cli.detail.priority": {"priority", "優先度"},
	"cli.detail.command":  {"command", "コマンド"},
	"cli.detail.cwd":      {"in", "フォルダー"},
	"cli.detail.created":  {"enqueued", "登録"},
	"cli.source.file":     {"by its progress file", "進捗ファイルによる"},
	"cli.source.line":     {"by its ::progress lines", "::progress 行による"},
	"cli.source.pattern":  {"by --progress-regex", "--progress-regex による"},
	"cli.source.outputs":  {"by its outputs", "出力ファイルによる"},
	"cli.source.tqdm":     {"by its progress bar", "進捗バーによる"},
	"cli.source.count":    {"by counts in its log", "ログ中の件数による"},
	"cli.source.percent":  {"by percentages in its log", "ログ中のパーセント表示による"},
	"cli.detail.used":     {"CPU {cpu}, memory up to {memory}", "CPU {cpu}、メモリ最大 {memory}"},
	"cli.detail.attempts": {"attempts", "試行の一覧"},
	"cli.detail.folder":   {"files of the last one: {folder}", "最後の試行のファイル: {folder}"},

	"cli.logs.short": {"Show the output of a task", "タスクの出力を表示する"},
	"cli.logs.long": {
		`Shows what the last attempt has written, stdout and stderr together. To a pipe or a file it
goes byte by byte (give --stdout or --stderr for one of them alone and unchanged); on a
terminal what could move the cursor is shown as an escape. With -f it goes on until the
task has ended, attempt after attempt.`,
		`最後の試行の出力を、標準出力と標準エラー出力を合わせて表示します。パイプやファイルには
バイト単位でそのまま出力します (一方だけを元のまま取り出すには --stdout か --stderr を指定します)。
端末では、カーソルを動かすような制御文字をエスケープ表示にします。-f を付けると、再試行も含めて
タスクが終わるまで表示し続けます。`,
	},
	"cli.logs.example":      {"  uratori logs 42\n  uratori logs -f 42\n  uratori logs -n 50 --stderr 42\n  uratori logs 42 --since 10m --attempt 1", "  uratori logs 42\n  uratori logs -f 42\n  uratori logs -n 50 --stderr 42\n  uratori logs 42 --since 10m --attempt 1"},
	"cli.logs.flag.follow":  {"go on until the task has ended", "タスクが終わるまで表示し続ける"},
	"cli.logs.flag.lines":   {"only the last `N` lines", "最後の `N` 行だけ"},
	"cli.logs.flag.since":   {"only what was written in this time, as 10m or 2d", "この時間内に書かれたものだけ (例: 10m、2d)"},
	"cli.logs.flag.attempt": {"of attempt `N` (default: the last)", "`N` 回目の試行 (省略時は最後)"},
	"cli.logs.flag.stdout":  {"only what it wrote to stdout", "標準出力だけ"},
	"cli.logs.flag.stderr":  {"only what it wrote to stderr", "標準エラー出力だけ"},
	"cli.logs.both":         {"--stdout and --stderr together are what is shown anyway; give one or none", "--stdout と --stderr は同時に指定できません。どちらも省略すると両方を表示します"},
	"cli.logs.gap":          {"{bytes} bytes of {stream} are missing here: they were not kept", "ここで {stream} の {bytes} バイトが欠けています (保存されていません)"},
	"cli.logs.attempt":      {"{task}: attempt {attempt} of {attempts} begins here", "{task}: ここから試行 {attempt}/{attempts}"},
	"cli.logs.idle":         {"{task} is not at work: {state}", "{task} は実行されていません: {state}"},

	"cli.kill.short": {"End tasks, and see that nothing of them is left", "タスクを強制終了し、何も残っていないことを確かめる"},
	"cli.kill.long": {
		`Ends a task with all its processes, also those that left its session: TERM, then, after the
grace, KILL, until a look finds nobody. It is not tried again. A task that waits leaves the
queue.

Ends with 0 when it was seen that nothing is left, 1 when something is, 3 when that cannot
be seen.`,
		`タスクを、セッションから抜け出したものも含めてすべてのプロセスごと終了させます。TERM を送り、
猶予時間の後に KILL を送り、残っていないことを確認できるまで続けます。再試行はされません。
待機中のタスクはキューから外れます。

終了ステータスは、何も残っていないことを確認できれば 0、残っていれば 1、確認できなければ 3 です。`,
	},
	"cli.kill.example":          {"  uratori kill 42\n  uratori kill 42 43 --grace 1m", "  uratori kill 42\n  uratori kill 42 43 --grace 1m"},
	"cli.kill.flag.grace":       {"the time between TERM and KILL, as 30s (default: the setting runner.grace)", "TERM から KILL までの猶予時間 (例: 30s。省略時は設定 runner.grace)"},
	"cli.kill.failed":           {"{mark} {task}: nothing is known to have ended: {reason}", "{mark} {task}: 終了を確認できません: {reason}"},
	"cli.kill.end.verified":     {"{mark} {task} {state}: verified, nothing of it is left ({ended} {ended|process|processes} ended, {ms} ms)", "{mark} {task} {state}: 検証済み。何も残っていません (終了させたプロセス {ended} 個、{ms} ms)"},
	"cli.kill.end.refuted":      {"{mark} {task} {state}: refuted, something of it is left ({ended} {ended|process|processes} ended, {ms} ms)", "{mark} {task} {state}: 不一致。残っているものがあります (終了させたプロセス {ended} 個、{ms} ms)"},
	"cli.kill.end.unverifiable": {"{mark} {task} {state}: cannot be verified, whether something of it is left is not known ({ended} {ended|process|processes} ended, {ms} ms)", "{mark} {task} {state}: 確認できません。残っているものがあるかどうかは不明です (終了させたプロセス {ended} 個、{ms} ms)"},
	"cli.kill.by_itself":        {"ended by itself", "自分で終了"},
	"cli.kill.survivors":        {"    still there: {pids}", "    残っているプロセス: {pids}"},
	"cli.kill.gpu_free":         {"    the memory of its GPU is free again", "    GPU のメモリは解放されました"},
	"cli.kill.gpu_taken":        {"    the memory of its GPU is not free", "    GPU のメモリが解放されていません"},

	"cli.retry.short":           {"Queue a task that has ended once more", "終わったタスクをもう一度キューに入れる"},
	"cli.retry.long":            {"Queues a task that has ended once more. It goes on where it was: outputs that are there count, and its checkpoint is kept.", "終わったタスクをもう一度キューに入れます。できている出力とチェックポイントはそのまま使い、続きから実行します。"},
	"cli.retry.example":         {"  uratori retry 42\n  uratori retry 42 --from-start", "  uratori retry 42\n  uratori retry 42 --from-start"},
	"cli.retry.flag.from_start": {"with an empty checkpoint, and no output of before counts", "チェックポイントを空にし、これまでの出力も使わずに最初から実行する"},

	"cli.pause.short":    {"Hold the queue, or a task", "キューまたはタスクを一時停止する"},
	"cli.pause.long":     {"Without a task: nothing more is started, what runs goes on. With a task: it waits where it is, in the queue or stopped in its work.", "タスクを省略すると、新しいタスクを開始しなくなります (実行中のものは続きます)。タスクを指定すると、待機中なら保留にし、実行中ならその場で一時停止します。"},
	"cli.pause.example":  {"  uratori pause\n  uratori pause 42", "  uratori pause\n  uratori pause 42"},
	"cli.resume.short":   {"Let the queue, or a task, go on", "キューまたはタスクを再開する"},
	"cli.resume.long":    {"Lets go on what `uratori pause` or `enqueue --hold` holds. A task that has ended is queued once more by `uratori retry`.", "`uratori pause` や `enqueue --hold` で止めたものを再開します。終わったタスクをもう一度実行するには `uratori retry` を使ってください。"},
	"cli.resume.example": {"  uratori resume\n  uratori resume 42", "  uratori resume\n  uratori resume 42"},

	"cli.edit.short":        {"Change a task that waits", "待機中のタスクを変更する"},
	"cli.edit.long":         {"Changes a task that waits in the queue; what is not named stays. What stands behind -- is the new command.", "待機中のタスクを変更します。指定しなかったものは変わりません。-- の後に書いたものが新しいコマンドになります。"},
	"cli.edit.example":      {"  uratori edit 42 --priority 10\n  uratori edit 42 --after none --at now\n  uratori edit 42 -- python extract.py --epochs 5", "  uratori edit 42 --priority 10\n  uratori edit 42 --after none --at now\n  uratori edit 42 -- python extract.py --epochs 5"},
	"cli.edit.flag.name":    {"another `NAME`", "新しい `NAME`"},
	"cli.edit.flag.retries": {"try again `N` times by itself", "自動で `N` 回まで再試行する"},
	"cli.edit.flag.timeout": {"end an attempt after this time, as 90m or 2d; 0s is the setting again", "1 回の試行の制限時間 (例: 90m、2d)。0s で設定どおりに戻す"},
	"cli.edit.flag.after":   {"start only after this `TASK` has succeeded, as 41 or 41,42; none for no such task", "この `TASK` (例: 41 または 41,42) が成功してから開始する。none で条件をなくす"},
	"cli.edit.flag.at":      {"not before this time, as 21:30; now for at once", "この時刻より前には開始しない (例: 21:30)。now ですぐに開始できるようにする"},
	"cli.edit.nothing":      {"there is nothing to change; give --name, --priority, --retries, --timeout, --after, --at, or a command behind --", "変更する内容がありません。--name、--priority、--retries、--timeout、--after、--at、または -- の後に新しいコマンドを指定してください"},

	"cli.beat.short":   {"Say that a job is alive", "ジョブが生きていることを知らせる"},
	"cli.beat.long":    {"For jobs that print nothing for a long time: says that this one ($URATORI_TASK) is alive, so that it is not taken for hung. Prints nothing.", "長い間何も出力しないジョブのためのコマンドです。このジョブ ($URATORI_TASK) が生きていることを知らせ、停止したとみなされるのを防ぎます。何も出力しません。"},
	"cli.beat.example": {"  uratori beat\n  uratori beat 42", "  uratori beat\n  uratori beat 42"},
	"cli.beat.which":   {"which task? Give its number; within a job, URATORI_TASK names it", "どのタスクですか。番号を指定してください (ジョブの中では環境変数 URATORI_TASK が使われます)"},

	"cli.cleanup.short":        {"Remove what old tasks have left", "古いタスクのファイルを片付ける"},
	"cli.cleanup.long":         {"Removes the folders, logs and checkpoints of tasks that ended more than DAYS ago (default 7; 0 is all that have ended). What a task made elsewhere is not touched, and what became of it stays known.", "DAYS 日 (省略時は 7。0 なら終わったものすべて) より前に終わったタスクの、フォルダー・ログ・チェックポイントを削除します。タスクが別の場所に作ったものには触れません。結果の記録も残ります。"},
	"cli.cleanup.example":      {"  uratori cleanup --dry-run\n  uratori cleanup 30", "  uratori cleanup --dry-run\n  uratori cleanup 30"},
	"cli.cleanup.flag.dry_run": {"only tell what would be removed", "削除せず、対象だけを表示する"},
	"cli.cleanup.bad_days":     {"{days}: give a number of days, 0 or more", "{days}: 日数を 0 以上の数で指定してください"},
	"cli.cleanup.kept":         {"kept: {reason}", "残したもの: {reason}"},
	"cli.cleanup.would":        {"would remove what is left of {count} {count|task|tasks} that ended more than {days} {days|day|days} ago ({size}), and keep that of {kept}; nothing was done", "{days} 日より前に終わったタスク {count} 件 ({size}) が削除の対象です。{kept} 件は残します。まだ何も削除していません"},
	"cli.cleanup.done":         {"removed what was left of {count} {count|task|tasks} that ended more than {days} {days|day|days} ago ({size}); kept that of {kept}", "{days} 日より前に終わったタスク {count} 件のファイル ({size}) を削除しました。{kept} 件は残しました"},

	"cli.stats.short":    {"What became of all tasks", "タスクの統計を表示する"},
	"cli.stats.long":     {"Counts tasks and attempts by what became of them, and tells how long they waited and ran, and how much disk they take.", "タスクと試行の結果ごとの件数、待ち時間と実行時間の中央値、ディスク使用量を表示します。"},
	"cli.stats.example":  {"  uratori stats", "  uratori stats"},
	"cli.stats.tasks":    {"tasks", "タスク"},
	"cli.stats.attempts": {"attempts", "試行"},
	"cli.stats.retries":  {"tried again", "再試行"},
	"cli.stats.waited":   {"waited", "待ち時間"},
	"cli.stats.ran":      {"ran", "実行時間"},
	"cli.stats.disk":     {"disk", "ディスク"},
	"cli.stats.none":     {"none", "なし"},
	"cli.stats.median":   {"{time} (median of the last {count})", "{time} (直近 {count} 件の中央値)"},
}
