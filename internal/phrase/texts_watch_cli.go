package phrase

var watchCLITexts = map[string]text{
	"problem.heartbeat": {
		"the dead-man's switch (monitor.heartbeat_url) does not hear us: look at the address and the network",
		"死活監視(monitor.heartbeat_url)に届いていません。URL とネットワークを確認してください",
	},
	"cli.priority.critical": {"critical", "緊急"},
	"cli.priority.high":     {"high", "高"},
	"cli.priority.normal":   {"normal", "通常"},
	"cli.priority.low":      {"low", "低"},

	"cli.incidents.short": {"Tell what went wrong", "発生した異常を表示する"},
	"cli.incidents.long": {
		`Lists what went wrong in registering, watching and running, newest first: how urgent it is,
what was done about it and what there is to do. ✘ goes on and is urgent, ? goes on, - is over.
It is a report: it ends with 0, also when there are some.

--report counts the incidents of a week by day, kind and ticket, shows those that lasted
longest, and counts the messages.`,
		`登録・監視・実行で起きた異常を新しい順に表示します。重要度、行った対応、次にすることがわかります。
✘ は継続中で重要、? は継続中、- は終了したものです。
表示するだけの命令なので、異常があっても終了ステータスは 0 です。

--report は、1 週間分を日・種類・チケット別に集計し、長く続いたものと通知の件数を表示します。`,
	},
	"cli.incidents.example": {
		"  uratori incidents\n  uratori incidents INTG-088 --open\n  uratori incidents --since 7d --limit 100\n  uratori incidents --report",
		"  uratori incidents\n  uratori incidents INTG-088 --open\n  uratori incidents --since 7d --limit 100\n  uratori incidents --report",
	},
	"cli.incidents.flag.since":   {"only those that began in this time, as 90m or 7d (with --report: 7d; otherwise all)", "この時間内に発生したものだけを対象にする (例: 90m、7d。省略時は --report では 7d、それ以外は全期間)"},
	"cli.incidents.flag.open":    {"only those that go on", "継続中のものだけを表示する"},
	"cli.incidents.flag.limit":   {"show `N` at most", "最大 `N` 件を表示する"},
	"cli.incidents.flag.report":  {"count them instead of listing them", "一覧の代わりに集計を表示する"},
	"cli.incidents.report_alone": {"--report counts all of them; --open and --limit do not go with it", "--report はすべてを集計します。--open や --limit とは一緒に指定できません"},
	"cli.incidents.circle": {
		"the list of incidents turns in a circle at {before}; nothing is known about the rest",
		"異常の一覧が {before} で堂々巡りになっています。残りは取得できません",
	},
	"cli.incidents.none":      {"there are none", "該当する異常はありません"},
	"cli.incidents.count":     {"{count} shown, {open} of them go on", "{count} 件を表示 (うち継続中 {open} 件)"},
	"cli.incidents.more":      {"there are older ones; --limit shows more", "これより古いものがあります。--limit を増やすと表示できます"},
	"cli.incidents.done":      {"done: {text}", "対応: {text}"},
	"cli.incidents.todo":      {"to do: {text}", "次にすること: {text}"},
	"cli.incidents.since":     {"began {time} ({span})", "{time} に発生 ({span})"},
	"cli.incidents.escalated": {"became more urgent {time}", "{time} に重要度が上昇"},
	"cli.incidents.over":      {"over {time}", "{time} に終了"},
	"cli.incidents.lasts":     {"goes on", "継続中"},
	"cli.incidents.times":     {"found {count} {count|time|times}, last {time}", "検出 {count} 回 (最後は {time})"},
	"cli.incidents.message":   {"message {message}", "通知 {message}"},

	"cli.incidents.kind.astray":         {"write in another row", "別の行への書き込み"},
	"cli.incidents.kind.cpu_busy":       {"CPU busy", "CPU 高負荷"},
	"cli.incidents.kind.daemon_crashed": {"daemon ended", "デーモンの異常終了"},
	"cli.incidents.kind.disk_low":       {"disk nearly full", "ディスクの空き不足"},
	"cli.incidents.kind.gpu_blind":      {"GPUs not watched", "GPU の監視不能"},
	"cli.incidents.kind.gpu_error":      {"GPU error", "GPU エラー"},
	"cli.incidents.kind.gpu_failed":     {"GPU failed", "GPU の故障"},
	"cli.incidents.kind.gpu_hot":        {"GPU hot", "GPU の高温"},
	"cli.incidents.kind.gpu_memory":     {"GPU memory full", "GPU メモリの逼迫"},
	"cli.incidents.kind.gpu_unused":     {"GPU not used", "GPU の未使用"},
	"cli.incidents.kind.gpu_xid":        {"GPU report (Xid)", "GPU の報告 (Xid)"},
	"cli.incidents.kind.leak":           {"memory grows", "メモリの増加"},
	"cli.incidents.kind.long":           {"runs long", "長時間の実行"},
	"cli.incidents.kind.loop_failed":    {"part of uratori failed", "uratori の一部の失敗"},
	"cli.incidents.kind.memory_low":     {"memory nearly full", "メモリ不足"},
	"cli.incidents.kind.not_ended":      {"could not be ended", "停止できないタスク"},
	"cli.incidents.kind.refused":        {"not queued", "登録の拒否"},
	"cli.incidents.kind.stalled":        {"no sign of life", "応答なし"},
	"cli.incidents.kind.store_damaged":  {"records damaged", "記録の破損"},
	"cli.incidents.kind.stuck":          {"stuck in the kernel", "カーネル内での停止"},
	"cli.incidents.kind.task_failed":    {"task failed", "タスクの失敗"},
	"cli.incidents.kind.trouble":        {"uratori in trouble", "uratori の不調"},
	"cli.incidents.kind.unread":         {"entry not understood", "解釈できない記録"},
	"cli.incidents.kind.zombies":        {"zombies", "ゾンビプロセス"},

	"cli.report.head":      {"what went wrong from {since} to {until}", "異常の集計: {since} から {until} まで"},
	"cli.report.ticket":    {"of {ticket} only", "{ticket} のみ"},
	"cli.report.count":     {"{count} {count|incident|incidents}, found {times} {times|time|times}; {open} {open|goes|go} on now", "発生 {count} 件 (検出 {times} 回)、現在継続中 {open} 件"},
	"cli.report.days":      {"by day", "日別"},
	"cli.report.kinds":     {"by kind", "種類別"},
	"cli.report.tickets":   {"by ticket", "チケット別"},
	"cli.report.no_ticket": {"(none)", "(なし)"},
	"cli.report.longest":   {"lasted longest", "長く続いたもの"},
	"cli.report.messages":  {"messages, of all tickets", "通知 (全チケット)"},
	"cli.report.peak":      {"at most {count} a day", "最大 {count} 件/日"},
	"cli.report.peak_days": {"at most {count} in {days} {days|day|days}, which is a bar", "最大 {count} 件 ({days} 日ごと)"},

	"cli.notify.short": {"Messages to people: try them, count them, see what became of them", "通知を試す・集計する・結果を確認する"},
	"cli.notify.long": {
		"Messages tell people of what goes wrong. Nothing is called accepted that the service has not accepted.",
		"異常を知らせる通知についての命令です。サービスが受け付けたことを確認できたものだけを「受付済み」と表示します。",
	},
	"cli.notify.message":      {"message {message}  {time}  {priority}  {title}", "通知 {message}  {time}  {priority}  {title}"},
	"cli.notify.bad_priority": {"{priority} is no priority: critical, high, normal and low are", "重要度 {priority} はありません。critical、high、normal、low のいずれかを指定してください"},
	"cli.notify.bad_number": {
		"{word} is no message; give its number, as 7 (`uratori notify history` lists them)",
		"{word} は通知の番号ではありません。7 のように指定してください (`uratori notify history` で一覧を確認できます)",
	},
	"cli.notify.no_such_message": {"there is no message {message}; `uratori notify history` lists them", "通知 {message} はありません。`uratori notify history` で一覧を確認できます"},
	"cli.notify.unset":           {"{mark} {reason}", "{mark} {reason}"},
	"cli.notify.nobody":          {"nobody was told: no channel was set", "通知先がなく、誰にも知らせていません"},
	"cli.notify.suppressed":      {"{count} more of the same were not sent", "同じ内容の {count} 件は送信していません"},
	"cli.notify.tries":           {"{count} {count|try|tries}", "{count} 回目で確定"},
	"cli.notify.request":         {"request {request}", "リクエスト {request}"},
	"cli.notify.doubts":          {"{count} {count|try|tries} before may have arrived too", "それ以前の {count} 回分も届いた可能性あり"},
	"cli.notify.acknowledged":    {"acknowledged {time}", "{time} に確認済み"},
	"cli.notify.next":            {"next try {time}", "次の送信 {time}"},
	"cli.notify.state.accepted":  {"accepted", "受付済み"},
	"cli.notify.state.failed":    {"failed", "失敗"},
	"cli.notify.state.waiting":   {"waits", "送信待ち"},
	"cli.notify.state.sending":   {"being sent", "送信中"},

	"cli.notify.test.short": {"Send a message and see what becomes of it", "テスト通知を送り、結果を確認する"},
	"cli.notify.test.long": {
		`Sends a message through every channel that is set, and waits for what becomes of it. Ends
with 0 when all have accepted it, 1 when one has refused it, 3 when that is not known yet or
no channel is set. That a service accepted it does not prove that your phone shows it: look.`,
		`設定されているすべての通知先にテスト通知を送り、結果を待ちます。すべてが受け付けたら 0、拒否されたものが
あれば 1、まだわからないとき、または通知先がないときは 3 で終了します。受け付けられても、端末に表示された
ことの証明にはなりません。実際に端末を確認してください。`,
	},
	"cli.notify.test.example":       {"  uratori notify test\n  uratori notify test --priority critical", "  uratori notify test\n  uratori notify test --priority critical"},
	"cli.notify.test.flag.priority": {"how urgent: `PRIORITY` critical, high, normal or low", "重要度 `PRIORITY` (critical、high、normal、low)"},
	"cli.notify.test.flag.wait":     {"how long to wait for what becomes of it", "結果を待つ時間"},
	"cli.notify.test.bad_wait":      {"--wait can be {longest} at most", "--wait は最長 {longest} です"},
	"cli.notify.test.accepted":      {"{mark} every channel has accepted it; look whether your device shows it", "{mark} すべての通知先が受け付けました。端末に表示されたか確認してください"},
	"cli.notify.test.refused":       {"{mark} it did not get through; do what is said above, then `uratori notify retry`", "{mark} 送信できていません。上の説明に従って直し、`uratori notify retry` を実行してください"},
	"cli.notify.test.open":          {"{mark} not known yet: it goes on being sent; `uratori notify history` tells what became of it", "{mark} まだ結果がわかりません。送信は続いています。`uratori notify history` で確認してください"},

	"cli.notify.history.short":      {"List messages with what became of them", "通知とその結果を表示する"},
	"cli.notify.history.long":       {"Lists messages, newest first: what became of each on each channel, and how many repeats of it were not sent.", "通知を新しい順に表示します。通知先ごとの結果と、送信しなかった同じ内容の件数がわかります。"},
	"cli.notify.history.example":    {"  uratori notify history\n  uratori notify history INTG-088 --limit 5", "  uratori notify history\n  uratori notify history INTG-088 --limit 5"},
	"cli.notify.history.flag.limit": {"show `N` at most", "最大 `N` 件を表示する"},
	"cli.notify.history.bad_limit":  {"--limit {limit}: give 1 to {most}", "--limit {limit}: 1 から {most} を指定してください"},
	"cli.notify.history.none":       {"there are no messages", "通知はありません"},
	"cli.notify.history.more":       {"there are older ones; --limit shows more", "これより古い通知があります。--limit を増やすと表示できます"},

	"cli.notify.stats.short":        {"Count messages", "通知の件数を集計する"},
	"cli.notify.stats.long":         {"Counts the messages of each priority, and of each channel: accepted, failed, waiting, repeats that were not sent, and those that may have come twice.", "重要度ごと、通知先ごとに、受付済み・失敗・送信待ち・送信しなかった重複・重複の可能性があるものを集計します。"},
	"cli.notify.stats.example":      {"  uratori notify stats\n  uratori notify stats --since 7d", "  uratori notify stats\n  uratori notify stats --since 7d"},
	"cli.notify.stats.flag.since":   {"only those of this time, as 12h or 30d", "この時間内のものだけを対象にする (例: 12h、30d)"},
	"cli.notify.stats.head":         {"messages since {time}", "{time} 以降の通知"},
	"cli.notify.count.all":          {"all", "合計"},
	"cli.notify.count.posted":       {"posted", "発生"},
	"cli.notify.count.sent":         {"accepted", "受付済み"},
	"cli.notify.count.failed":       {"failed", "失敗"},
	"cli.notify.count.waiting":      {"waiting", "送信待ち"},
	"cli.notify.count.suppressed":   {"repeats not sent", "重複で送信せず"},
	"cli.notify.count.repeated":     {"perhaps twice", "二重の可能性"},
	"cli.notify.count.acknowledged": {"acknowledged", "確認済み"},

	"cli.notify.retry.short":   {"Send again what did not get through", "届かなかった通知を送り直す"},
	"cli.notify.retry.long":    {"Has a message sent again now that was refused or waits for another try, or all of them. What was accepted is never sent again.", "拒否された通知や再送待ちの通知を、今すぐ送り直します。番号を省略するとすべてが対象です。受け付けられたものは送り直しません。"},
	"cli.notify.retry.example": {"  uratori notify retry\n  uratori notify retry 7", "  uratori notify retry\n  uratori notify retry 7"},
	"cli.notify.retry.none":    {"there is nothing to send again", "送り直すものはありません"},
	"cli.notify.retry.again": {
		"{count} {count|delivery is|deliveries are} being sent again; `uratori notify history` tells what becomes of {count|it|them}",
		"{count} 件を送り直しています。`uratori notify history` で結果を確認してください",
	},

	"cli.top.short": {"See machine, GPUs and running tasks", "マシン・GPU・実行中のタスクの様子を見る"},
	"cli.top.long": {
		`Shows what the monitor saw last: the machine, each GPU, and each running task with its
processes, CPU (100 % is one processor), memory, and for how long it has shown no sign of life.
n/a is what nobody tells.

With a task, or with --series, shows what was seen of it in the past as small pictures: a cell
is the highest value of its time, and an empty one is a time of which nothing is known. Samples
are written each minute and kept for 31 days. Series are machine, gpu/0 and task/42/1 (attempt 1).`,
		`監視が最後に確認した様子を表示します。マシン、GPU、実行中のタスク (プロセス数、CPU (100 % が 1 コア分)、
メモリ、最後に動いてからの時間) がわかります。「不明」は、値が得られないことを表します。

タスクか --series を指定すると、過去の様子を小さなグラフで表示します。1 マスはその時間の最大値、空白は
記録のない時間です。記録は 1 分ごとに書き込まれ、31 日間保存されます。系列は machine、gpu/0、
task/42/1 (試行 1) のように指定します。`,
	},
	"cli.top.example": {
		"  uratori top\n  uratori top --watch\n  uratori top 42 --last 1h\n  uratori top --series gpu/0 --last 2d",
		"  uratori top\n  uratori top --watch\n  uratori top 42 --last 1h\n  uratori top --series gpu/0 --last 2d",
	},
	"cli.top.flag.last":      {"how far back to go, as 30m or 2d", "さかのぼる時間 (例: 30m、2d)"},
	"cli.top.flag.series":    {"show the past of this `SERIES`: machine, gpu/0 or task/42/1", "この `SERIES` (machine、gpu/0、task/42/1) の過去を表示する"},
	"cli.top.two_series":     {"a task and --series are two ways to say one thing; give one", "タスクと --series は同時に指定できません"},
	"cli.top.empty_series":   {"--series is empty", "--series が空です"},
	"cli.top.watch_alone":    {"--watch shows how things are now; it does not go with a task or --series", "--watch は現在の様子を表示します。タスクや --series とは一緒に指定できません"},
	"cli.top.last_alone":     {"--last has no meaning without a task or --series", "--last は、タスクまたは --series と一緒に指定してください"},
	"cli.top.never":          {"nothing has been looked at yet", "まだ一度も確認していません"},
	"cli.top.stale":          {"this is not of now: the monitor has not looked for {span} (`uratori doctor`)", "現在の様子ではありません。{span} の間、確認できていません (`uratori doctor`)"},
	"cli.top.machine":        {"{processors} {processors|processor|processors}  memory {memory}", "CPU {processors} コア  メモリ {memory}"},
	"cli.top.untold":         {"n/a", "不明"},
	"cli.top.memory":         {"memory {memory}", "メモリ {memory}"},
	"cli.top.utilisation":    {"load {percent}", "使用率 {percent}"},
	"cli.top.gpu_problem":    {"GPU {index}: {reason}", "GPU {index} の異常: {reason}"},
	"cli.top.zero_or_untold": {"0 % or n/a", "0 % または不明"},
	"cli.top.no_probe":       {"no GPU is watched (`uratori doctor` says why)", "GPU は監視していません (理由は `uratori doctor` で確認できます)"},
	"cli.top.no_gpus":        {"there are no GPUs", "GPU はありません"},
	"cli.top.no_tasks":       {"no task is running", "実行中のタスクはありません"},
	"cli.top.processes":      {"{count} {count|process|processes}", "プロセス {count}"},
	"cli.top.quiet":          {"quiet for {span}", "最後の動き {span}前"},
	"cli.top.zombies":        {"{count} {count|zombie|zombies}", "ゾンビ {count}"},
	"cli.top.stuck":          {"{count} stuck in the kernel", "カーネル内で停止 {count}"},
	"cli.top.never_ran":      {"{task} has not run yet", "{task} はまだ実行されていません"},
	"cli.top.no_such_gpu":    {"no GPU {index} is watched; `uratori top` lists them", "GPU {index} は監視していません。`uratori top` で一覧を確認できます"},
	"cli.top.no_points": {
		"nothing is known of {series} in the last {span}; samples are written each minute",
		"直近 {span} の {series} の記録はありません (記録は 1 分ごとに書き込まれます)",
	},
	"cli.top.series":          {"{series}  {from} – {to}  ({count} {count|sample|samples})", "{series}  {from} – {to}  ({count} 点)"},
	"cli.top.row.temperature": {"temperature", "温度"},
	"cli.top.row.utilisation": {"load", "使用率"},
	"cli.top.row.memory":      {"memory", "メモリ"},
	"cli.top.row.processes":   {"processes", "プロセス"},
	"cli.top.row.done":        {"done", "処理済み"},
	"cli.top.last":            {"last {value}", "最後 {value}"},
	"cli.top.highest":         {"highest {value}", "最大 {value}"},
}
