package phrase

var demoTexts = map[string]text{
	"cli.demo.short": {"Show what holds, in a home of its own", "専用のホームで、何が保証されるかを実演する"},
	"cli.demo.long": {
		`Plays the main job in a folder of its own, with the real daemon, a real MCP client
and a real extraction of pictures: files a ticket, edits it as a person does, tries to skip
a step, kills the daemon and the job, has an alert sent, checks the facts and forges the ledger.

Every claim on the screen comes from a look that is made there and then. The table at the
end has all of them, with the entries of the ledger that say the same. Ends with 0 when all
of them held, 1 when one did not, 3 when something could not be shown.

Takes about a minute once it is built. Needs Debian's python3-opencv and python3-tqdm, and no account: messages
go to a stand-in for Pushover on this machine, or to your phone when you have set its keys.
Nothing of it is left afterwards.`,
		`主な作業の流れを専用のフォルダーで実演します。本物のデーモン、本物の MCP クライアント、本物の
画像抽出を使い、チケットの起票、人による編集、工程の飛び越しの試み、デーモンとジョブの
強制終了、通知、ファクトチェック、台帳の改ざんを実際に行います。

画面に出る主張は、すべてその場で確かめた結果です。最後の表に、すべての主張と、同じことを
記録した台帳の番号を示します。終了ステータスは、すべて成り立てば 0、成り立たないものがあれば 1、
示せないものがあれば 3 です。

所要時間は約 1 分です。Debian の python3-opencv と python3-tqdm が必要です。アカウントは不要です。
通知はこのマシン上の Pushover の代役に届きます(キーを設定していれば、あなたのスマートフォンに
届きます)。終わったあとには何も残りません。`,
	},
	"cli.demo.example":   {"  uratori demo\n  uratori demo --keep     # with the dashboard open, until Ctrl-C", "  uratori demo\n  uratori demo --keep     # ダッシュボードを開いたまま、Ctrl-C まで待つ"},
	"cli.demo.flag.keep": {"keep the daemon and its dashboard open until Ctrl-C", "デーモンとダッシュボードを Ctrl-C まで開いておく"},

	"demo.no_opencv": {
		"the demo extracts real pictures and needs OpenCV and tqdm, which {python} does not have; run `apt install --no-install-recommends python3-opencv python3-tqdm` (`make setup` does it); nothing was started",
		"実演では実際に画像を抽出するため OpenCV と tqdm が必要ですが、{python} にはありません。`apt install --no-install-recommends python3-opencv python3-tqdm` を実行してください(`make setup` でも入ります)。まだ何も起動していません",
	},
	"demo.interrupted": {"the demo was broken off; nothing of it is left", "実演を中断しました。何も残っていません"},
	"demo.command":     {"`{command}` ended with {status}: {said}", "`{command}` が終了ステータス {status} で終わりました: {said}"},
	"demo.not_seen":    {"what should have come was not seen within {limit}", "{limit} 待っても、起こるはずのことを確認できませんでした"},

	"demo.begin": {
		"All of it happens in {folder}.\n{phone}\n✔ is what was looked at just now and found to be so.",
		"すべて {folder} の中で行います。\n{phone}\n✔ は、いまその場で確かめて、そのとおりだったことを示します。",
	},
	"demo.phone.stand_in": {"Messages go to a stand-in for Pushover on this machine.", "通知はこのマシン上の Pushover の代役に届きます。"},
	"demo.phone.real":     {"Messages go to your phone: Pushover's keys are set.", "Pushover のキーが設定されているので、通知はあなたのスマートフォンに届きます。"},
	"demo.said_no":        {"refused: {why}", "拒否: {why}"},

	"demo.refuted": {"this did NOT hold: {seen}", "成り立ちませんでした: {seen}"},
	"demo.unshown": {"this could not be shown: {seen}", "示せませんでした: {seen}"},

	"demo.act.ticket":  {"An agent files INTG-088", "エージェントが INTG-088 を起票する"},
	"demo.act.edit":    {"A person edits it in the sheet, unseen by the agent", "人がシートで編集し、エージェントはそれを知らない"},
	"demo.act.steps":   {"The agent tries to skip a step", "エージェントが工程を飛ばそうとする"},
	"demo.act.person":  {"The agent tries to approve its own plan", "エージェントが自分の計画を承認しようとする"},
	"demo.act.extract": {"The extraction, on real pictures", "実際の画像で抽出を行う"},
	"demo.act.daemon":  {"kill -9 of the daemon, in the middle", "抽出の途中でデーモンに kill -9 を送る"},
	"demo.act.job":     {"kill -9 of the extraction itself", "抽出そのものに kill -9 を送る"},
	"demo.act.kill":    {"A job that does not want to end is killed", "終わろうとしないジョブを終了させる"},
	"demo.act.alert":   {"A job fails again and again: what the phone hears of it", "ジョブが失敗を繰り返す: スマートフォンに届く通知"},
	"demo.act.facts":   {"The fact check", "ファクトチェック"},
	"demo.act.ledger":  {"Somebody forges the evidence", "証拠を改ざんする"},
	"demo.act.left":    {"The end", "後片付け"},

	"demo.text.summary": {"Cut the figures out of the pages", "漫画ページの人物を切り抜く"},
	"demo.text.detail": {
		"=1+1 is how this begins: a sheet would make 2 of it\n- 30 pages, one cut-out for each\n'quoted', 007, 1/2, 全角\n┌──────┬─────┐\n│ page │ cut │\n└──────┴─────┘",
		"=1+1 で始まる本文。シートなら 2 にしてしまう\n- 30 ページ、それぞれに切り抜き 1 枚\n'引用符'、007、1/2、全角\n┌──────┬──────┐\n│ページ│切抜き│\n└──────┴──────┘",
	},
	"demo.text.person": {"(a person) The covers too, please.", "(人の追記) 表紙もお願いします。"},
	"demo.text.agent":  {"(the agent) The extraction begins.", "(エージェントの追記) 抽出を始めます。"},
	"demo.text.sow": {
		"# Statement of work: INTG-088\n\n## Aim\nFor each of the 30 pictures in pages/ a PNG of the same name in out/, in which all but the figures is transparent.\n\n## Scope\nextract.py as it is. Out of scope: the colours, the letters, and whatever is not on the page.\n\n## Done when\n1. Each page has an output that can be read to its end and is not blank.\n2. The output is the same whatever is killed in between.",
		"# 作業範囲記述書: INTG-088\n\n## 目的\npages/ の 30 枚それぞれについて、人物以外を透明にした同じ名前の PNG を out/ に作る。\n\n## 範囲\nextract.py をそのまま使う。色の補正、文字の認識、ページにないものの補完は範囲外とする。\n\n## 完了の条件\n1. すべてのページに、最後まで読めて白紙でない出力がある。\n2. 途中で何が強制終了されても、出力が同じになる。",
	},
	"demo.text.plan": {
		"# Implementation plan: INTG-088\n\n1. Queue the extraction of all pages as one task named extract, with each output checked.\n2. Compare the outputs with those of a run that nobody disturbed.\n3. Have the facts checked, and report what was found, good or bad.\n\nRisk: grey shadows may count as figures; a person is asked then.",
		"# 実装計画: INTG-088\n\n1. 全ページの抽出を extract という名前の 1 つのタスクとして登録し、出力を 1 枚ずつ確かめさせる。\n2. 何も妨げなかった場合の出力と比べる。\n3. ファクトチェックを行い、良くても悪くても結果をそのまま報告する。\n\nリスク: 灰色の影が人物とみなされることがある。そのときは人に相談する。",
	},

	"demo.ticket.text":    {"  Its text, which a sheet would like to make something else of:\n{text}", "  シートが別のものに変えたがる本文です:\n{text}"},
	"demo.ticket.look":    {"  Another client reads the sheet …", "  別のクライアントでシートを読みます…"},
	"demo.edit.person":    {"  A person adds a line, through the Sheets API: {text}", "  人が Sheets API で 1 行追記します: {text}"},
	"demo.edit.agent":     {"  The agent has not seen that, and writes what it thinks is the whole text:", "  それを見ていないエージェントが、自分の知る本文全体を書き込もうとします:"},
	"demo.edit.conflict":  {"{column}: conflict, nothing was sent; it ends now with: {text}", "{column}: 競合。何も送信していません。いまの最後の行: {text}"},
	"demo.edit.solve":     {"  So the agent reads, and adds its line to what the person wrote:", "  エージェントは読み直し、人の書いた内容に自分の行を足します:"},
	"demo.steps.started":  {"    ⎿ {count} steps; in hand is {step}", "    ⎿ 全 {count} 工程。現在は {step}"},
	"demo.steps.checked":  {"{verdict}; in hand is {step}", "{verdict}。現在は {step}"},
	"demo.steps.template": {"  The statement of work is still the template. The agent says that it is done:", "  作業範囲記述書 (SOW) は雛形のままです。それでもエージェントは完了したと言います:"},
	"demo.steps.write":    {"  Now it writes {file} and asks again:", "  今度は {file} を書いてから確認を求めます:"},
	"demo.steps.approve":  {"  And in a shell: uratori approve INTG-088", "  さらにシェルから uratori approve INTG-088 を実行します"},
	"demo.extract.pages":  {"  {count} comic pages are being drawn, stroke by stroke …", "  漫画のページを {count} 枚、実際に描いています…"},
	"demo.extract.queued": {"task {task}; it is the daemon's now", "タスク {task}。あとはデーモンが面倒を見ます"},
	"demo.daemon.kill":    {"  kill -9 {pid}, the daemon.", "  デーモン (プロセス {pid}) に kill -9 を送りました。"},
	"demo.daemon.alone":   {"  It is gone, and no other is started. The folder of the outputs, meanwhile:", "  デーモンは消え、次のデーモンもまだ起動していません。その間の出力フォルダー:"},
	"demo.daemon.next":    {"  The next command starts another daemon, {pid}.", "  次のコマンドで新しいデーモン {pid} が起動しました。"},
	"demo.job.kill":       {"  kill -9 {pid}, the extraction.", "  抽出のプロセス {pid} に kill -9 を送りました。"},
	"demo.job.rest":       {"  It is gone; {made} outputs are there, {left} are not. Nobody does anything now but wait:", "  プロセスは消え、出力は {made} 枚、残りは {left} 枚です。あとは誰も何もせず、待つだけです:"},
	"demo.job.ended":      {"task {task}: {state}", "タスク {task}: {state}"},
	"demo.job.compare":    {"  Another run of the same program, which nobody disturbed, makes what they must be …", "  何も妨げなかった同じプログラムの出力と比べます…"},
	"demo.kill.what": {
		"  A job with two children that have fled from its session, do not hear TERM, and one of them has no environment:",
		"  セッションから抜け出し TERM を無視する子を 2 つ持つジョブです。一方は環境変数も捨てています:",
	},
	"demo.kill.there":     {"    {count} processes of it are seen in /proc.", "    /proc にはこのジョブのプロセスが {count} 個見えます。"},
	"demo.kill.answer":    {"{verdict}: ended {ended}, survivors {survivors}", "{verdict}: 終了させた数 {ended}、生き残り {survivors}"},
	"demo.alert.what":     {"  A job that cannot succeed, which is resumed until it has failed {count} times:", "  成功しえないジョブです。{count} 回失敗するまで自動で再開されます:"},
	"demo.alert.message":  {"    ✉ {title} (priority {priority})", "    ✉ {title} (優先度 {priority})"},
	"demo.facts.report":   {"  The agent reports that it has made {real} and {invented}:", "  エージェントが {real} と {invented} を作ったと報告します:"},
	"demo.ledger.changed": {"  In a copy, somebody turns one entry from refuted to verified, with a SQL shell …", "  台帳のコピーで、1 件を SQL で「不一致」から「検証済み」に書き換えます…"},
	"demo.ledger.rewritten": {
		"  In another copy, somebody throws the whole ledger away and begins a new one …",
		"  別のコピーで、台帳全体を捨てて新しく作り直します…",
	},

	"demo.claim.filed":     {"A ticket's text arrives in the sheet to the letter", "起票した本文は、一字一句そのままシートに届く"},
	"demo.seen.filed":      {"row {row} holds all {length} characters as text, as another client reads it", "{row} 行目に {length} 文字すべてが文字列として入っていることを、別のクライアントで確かめました"},
	"demo.claim.idle":      {"Filing a ticket starts nothing", "起票しただけでは何も始まらない"},
	"demo.seen.idle":       {"its status is {state}, and there are {count} tasks", "ステータスは「{state}」、タスクは {count} 件です"},
	"demo.claim.conflict":  {"A person's edit is not overwritten unseen", "人の編集を、見ないまま上書きすることはない"},
	"demo.seen.conflict":   {"told as a conflict; row {row} holds what the person wrote", "競合として報告され、{row} 行目には人の書いた内容がそのまま残っています"},
	"demo.claim.solved":    {"A conflict is solved with both texts", "競合は、双方の内容を残して解決できる"},
	"demo.seen.solved":     {"row {row} holds the person's line and the agent's", "{row} 行目に、人の行とエージェントの行がそろっています"},
	"demo.claim.skipped":   {"The steps before the extraction cannot be skipped", "抽出より前の工程を飛び越すことはできない"},
	"demo.seen.skipped":    {"refused; {count} steps have passed, and in hand is {step}", "拒否されました。通過した工程は {count} 件、現在は {step} です"},
	"demo.claim.template":  {"Saying that it is done does not pass a step", "「完了した」と言うだけでは工程を通過できない"},
	"demo.seen.template":   {"the gate stays shut: {file} is an empty template", "関門は開きません。{file} は雛形のままです"},
	"demo.claim.gate":      {"A gate opens for what is there", "成果物があれば関門は開く"},
	"demo.seen.gate":       {"passed; in hand is {step}", "通過しました。現在は {step} です"},
	"demo.claim.person":    {"An agent cannot approve its plan from its shell", "エージェントは自分の計画をシェルから承認できない"},
	"demo.seen.person":     {"the shell is refused (exit status {status}), {count} approvals are in the ledger, and the step waits for a person", "シェルからの承認は拒否され(終了ステータス {status})、台帳の承認は {count} 件、工程は人を待っています"},
	"demo.claim.running":   {"An extraction of {count} pictures runs and tells how far it is", "{count} 枚の抽出が動き、進み具合が分かる"},
	"demo.seen.running":    {"{done} of {all} outputs are in the folder, made by process {pid}", "フォルダーには {all} 枚中 {done} 枚の出力があり、プロセス {pid} が作っています"},
	"demo.claim.outlives":  {"A job outlives kill -9 of the daemon", "デーモンに kill -9 を送ってもジョブは続く"},
	"demo.seen.outlives":   {"{count} pictures were made while there was no daemon; the next one has found the same process {pid}", "デーモンのない間に {count} 枚が出力され、次のデーモンは同じプロセス {pid} を見つけました"},
	"demo.claim.resumed":   {"A killed job goes on where it was, by itself", "強制終了されたジョブは、続きから自動で再開する"},
	"demo.seen.resumed":    {"the second attempt has succeeded; of {made} outputs that were there, {again} were made again", "2 回目の試行で成功しました。すでにあった {made} 枚のうち、作り直したのは {again} 枚です"},
	"demo.claim.whole":     {"All {count} outputs are what they must be, to the byte", "{count} 枚の出力は、すべてあるべき内容とバイト単位で同じである"},
	"demo.seen.whole":      {"{whole} of {all} decode to their last pixel, {same} are the same as those of an undisturbed run", "{all} 枚中 {whole} 枚が最後の画素まで読め、{same} 枚が何も妨げなかった場合と同じです"},
	"demo.claim.killed":    {"Of a job that was killed nobody is left, however it flees", "強制終了したジョブは、逃げても何も残らない"},
	"demo.seen.killed":     {"of the {count} processes that were seen before, {left} are left in /proc", "先ほど見えた {count} 個のプロセスのうち、/proc に残っているのは {left} 個です"},
	"demo.claim.alerted":   {"A failure reaches the phone at once", "失敗はすぐにスマートフォンに届く"},
	"demo.seen.alerted":    {"the message arrived {ms} ms after the failure, and one of a higher priority when the task was given up", "失敗の {ms} ミリ秒後に届き、断念したときには優先度を上げて届きました"},
	"demo.claim.once":      {"The same thing is told once", "同じことは 1 度しか通知しない"},
	"demo.seen.once":       {"{failures} failures, {messages} messages: that it failed, and that it was given up", "失敗 {failures} 回に対して通知は {messages} 件(失敗したことと、断念したこと)です"},
	"demo.claim.facts":     {"factcheck INTG-088 says what another look sees, too", "factcheck INTG-088 の報告は、別に確かめた事実と一致する"},
	"demo.seen.facts":      {"exit status {status}, for the task that has failed; row {row} and {same} outputs are as it says, by the demo's own look", "失敗したタスクを見逃さず、終了ステータスは {status}。{row} 行目と {same} 枚の出力が報告どおりであることも、別に確かめました"},
	"demo.claim.report":    {"An output that an agent has invented is found out", "エージェントがでっち上げた出力は見破られる"},
	"demo.seen.report":     {"{real} is there and was verified; {invented} is not, and was refuted", "{real} は実在し、検証されました。{invented} は存在せず、不一致とされました"},
	"demo.claim.forged":    {"An entry of the ledger that was changed is found", "台帳の 1 件の書き換えは検出される"},
	"demo.seen.forged":     {"entry {seq} is named, exit status {status}", "{seq} 番が示されました。終了ステータスは {status} です"},
	"demo.claim.rewritten": {"So is a ledger that was written anew", "台帳全体の作り直しも検出される"},
	"demo.seen.rewritten":  {"the head that was noted before is not in its chain, exit status {status}", "控えておいたハッシュが連鎖の中にありません。終了ステータスは {status} です"},
	"demo.claim.left":      {"Nothing of the demo is left running", "実演のプロセスは何も残っていない"},
	"demo.seen.left":       {"{before} processes of it were seen in /proc, {count} are now that the daemon has ended", "/proc に見えていた {before} 個のプロセスは、デーモンの終了後 {count} 個です"},
	"demo.claim.broke":     {"({heading}) could not be played to its end", "({heading}) 最後まで実演できませんでした"},

	"demo.column.claim":    {"claim", "主張"},
	"demo.column.verdict":  {"verdict", "判定"},
	"demo.column.evidence": {"evidence", "証拠"},
	"demo.entries":         {"ledger {entries}", "台帳 {entries}"},
	"demo.looked":          {"looked at", "その場で確認"},
	"demo.end":             {"{held} of {all} claims held, in {seconds} s", "{all} 件中 {held} 件の主張が成り立ちました ({seconds} 秒)"},
	"demo.kept": {
		"\nThe dashboard is open: {dashboard}/tracker/{ticket}\nBe the person whom step 4 waits for: URATORI_HOME={home} {program} approve {ticket}\nCtrl-C ends it, and nothing is left.",
		"\nダッシュボードを開いています: {dashboard}/tracker/{ticket}\n工程 4 が待つ「人」として承認するには: URATORI_HOME={home} {program} approve {ticket}\nCtrl-C で終了します。何も残りません。",
	},
	"demo.tidy": {"\nTidying up …", "\n後片付けをしています…"},
}
