package phrase

var ticketCLITexts = map[string]text{
	"cli.verdict.verified":     {"verified", "検証済み"},
	"cli.verdict.refuted":      {"refuted", "不一致"},
	"cli.verdict.unverifiable": {"cannot be verified", "確認できません"},
	"cli.row":                  {"row {row}", "{row} 行目"},

	"cli.ticket.short": {"File, change and read tickets", "チケットを起票・更新・閲覧する"},

	"cli.ticket.create.short": {"File a ticket and read it back", "チケットを起票し、読み戻して確かめる"},
	"cli.ticket.create.long": {
		`Files a ticket and tells, cell by cell, whether the sheet holds what was given.
Without TICKET it gets the next free id. Filing starts nothing: its status is 起票.

Texts are taken to the letter, whatever they begin with; of a CRLF the sheet keeps
the LF. On a terminal, without --detail and --detail-file, $VISUAL or $EDITOR is
opened for the detail; the one line feed that editors put at the end of a file is
taken off, all else is the text.

Ends with 0 when the sheet was read back and holds it, 1 when it holds something
else, 3 when that cannot be verified yet (it is kept and tried again), 4 when a
person's text stands in its way.`,
		`チケットを起票し、シートに指定どおり入ったかをセルごとに報告します。
TICKET を省略すると、次の空き番号になります。起票しても作業は始まりません
(ステータスは「起票」になります)。

文字列は、先頭が - や = や ' でも、一字一句そのまま書き込みます (CRLF は LF になります)。
端末で --detail も --detail-file も指定しなければ、$VISUAL または $EDITOR が開きます。
エディターがファイルの末尾に付ける改行を 1 つだけ取り除き、残りをそのまま詳細とします。

終了ステータスは、読み戻して一致すれば 0、一致しなければ 1、まだ確認できなければ 3
(書き込みは保管され、自動で再試行されます)、人の書いた内容と競合すれば 4 です。`,
	},
	"cli.ticket.create.example": {
		"  uratori ticket create --summary 'Extraction stops at page 12' --detail-file report.md\n  uratori ticket create INTG-090 --summary S --detail D --set 担当=kiri\n  git log -1 | uratori ticket create --summary S --detail-file -",
		"  uratori ticket create --summary '抽出が 12 枚目で止まる' --detail-file report.md\n  uratori ticket create INTG-090 --summary 概要 --detail 詳細 --set 担当=kiri\n  git log -1 | uratori ticket create --summary 概要 --detail-file -",
	},
	"cli.ticket.update.short": {"Change cells of a ticket and read them back", "チケットを更新し、読み戻して確かめる"},
	"cli.ticket.update.long": {
		`Changes the cells that are named and no others, and tells of each whether the sheet
holds the new text. A cell that a person has edited and that you have not seen since
is not overwritten: both texts are shown and the command ends with 4. Repeat with
--expect and the text that you have now seen, or with --overwrite on a terminal.

--edit opens $VISUAL or $EDITOR on the present detail; the one line feed that editors
put at the end of a file is taken off. Texts are taken to the letter; of a CRLF the
sheet keeps the LF. An empty text empties the cell.

Ends with 0 when all is read back, 1 when the sheet holds something else, 3 when that
cannot be verified yet (it is kept and tried again), 4 for a conflict.`,
		`指定したセルだけを書き換え、新しい内容が入ったかをセルごとに報告します。
人が編集し、まだ見ていないセルは上書きしません。両方の内容を表示し、4 で終了します。
見た内容を --expect に指定してやり直すか、端末で --overwrite を使ってください。

--edit は、現在の詳細を $VISUAL または $EDITOR で開きます (エディターがファイルの末尾に
付ける改行を 1 つだけ取り除きます)。文字列は一字一句そのまま書き込みます (CRLF は LF に
なります)。空の文字列を指定すると、セルは空になります。

終了ステータスは、すべて読み戻して一致すれば 0、一致しなければ 1、まだ確認できなければ 3
(書き込みは保管され、自動で再試行されます)、競合すれば 4 です。`,
	},
	"cli.ticket.update.example": {
		"  uratori ticket update INTG-088 --detail-file report.md\n  uratori ticket update INTG-088 --set 担当=kiri --expect 担当=sato\n  uratori ticket update INTG-088 --edit",
		"  uratori ticket update INTG-088 --detail-file report.md\n  uratori ticket update INTG-088 --set ステータス=完了 --expect ステータス=起票\n  uratori ticket update INTG-088 --edit",
	},
	"cli.ticket.flag.summary":     {"`TEXT` of the summary", "概要の `TEXT`"},
	"cli.ticket.flag.detail":      {"`TEXT` of the detail", "詳細の `TEXT`"},
	"cli.ticket.flag.detail_file": {"`FILE` that holds the detail, in UTF-8, with all its line feeds; - is stdin", "詳細を収めた UTF-8 の `FILE` (末尾の改行も含む)。- は標準入力"},
	"cli.ticket.flag.set":         {"a text for any column, as `COLUMN=TEXT`; may be repeated (the name ends at the first =)", "任意の列の内容を `COLUMN=TEXT` (列=値) で指定する。繰り返し可 (列名は最初の = まで)"},
	"cli.ticket.flag.expect":      {"the text that you have seen there, as `COLUMN=TEXT`; may be repeated", "シートで見た内容を `COLUMN=TEXT` (列=値) で指定する。繰り返し可"},
	"cli.ticket.flag.expect_file": {"the same from a file, as `COLUMN=FILE`; - is stdin", "シートで見た内容をファイルから読む (`COLUMN=FILE`)。- は標準入力"},
	"cli.ticket.flag.workspace":   {"`FOLDER` of the ticket, from here (default: by the setting tracker.workspace)", "チケットの `FOLDER` (今いる場所から。省略時は設定 tracker.workspace に従う)"},
	"cli.ticket.flag.key":         {"a `KEY` of your own: the same key again is the same request and is not done twice", "要求を識別する `KEY`。同じキーは同じ要求とみなし、二重には実行しない"},
	"cli.ticket.flag.wait":        {"how long to wait for the verdict, as 30s (default: as long as is usual)", "結果を待つ時間 (例: 30s。省略時は標準の時間)"},
	"cli.ticket.flag.overwrite":   {"on a conflict show both texts and ask on the terminal whether to overwrite", "競合したら両方の内容を表示し、上書きしてよいかを端末で尋ねる"},
	"cli.ticket.flag.edit":        {"change the present detail in $VISUAL or $EDITOR", "現在の詳細を $VISUAL または $EDITOR で編集する"},

	"cli.ticket.bad_id": {
		"{id} cannot be a ticket; give an id as INTG-088",
		"「{id}」はチケットの ID ではありません。INTG-088 のように指定してください",
	},
	"cli.ticket.no_equals": {
		"{flag} {value}: give COLUMN=TEXT, as 担当=kiri",
		"{flag} {value}: 担当=kiri のように、列=値の形で指定してください",
	},
	"cli.ticket.no_column": {
		"{flag}: a column is named before the =; one whose own name has a = cannot be set by a flag",
		"{flag}: = の前に列名を書いてください。名前に = を含む列は、フラグでは指定できません",
	},
	"cli.ticket.twice": {
		"the column {column} is given twice, by {first} and by {second}; give it once",
		"列 {column} が {first} と {second} で二重に指定されています。どちらか一方にしてください",
	},
	"cli.ticket.bad_wait": {
		"--wait {wait}: give a time above 0 and up to {longest}, as 30s",
		"--wait {wait}: 0 より長く {longest} 以下の時間を 30s のように指定してください",
	},
	"cli.ticket.empty_key":       {"--key is empty; give a key or leave the flag away", "--key が空です。キーを指定するか、フラグを外してください"},
	"cli.ticket.empty_workspace": {"--workspace is empty; name a folder or leave the flag away", "--workspace が空です。フォルダーを指定するか、フラグを外してください"},
	"cli.ticket.nothing_to_file": {
		"there is nothing to file; give --summary, --detail, --detail-file or --set",
		"起票する内容がありません。--summary、--detail、--detail-file、--set のいずれかを指定してください",
	},
	"cli.ticket.empty_detail": {
		"the editor left no text; nothing was filed (--detail '' files a ticket without a detail)",
		"エディターで何も入力されなかったので、起票していません (詳細なしで起票するには --detail '' を指定してください)",
	},
	"cli.ticket.nothing_to_change": {
		"there is nothing to change; give --summary, --detail, --detail-file, --set or --edit",
		"更新する内容がありません。--summary、--detail、--detail-file、--set、--edit のいずれかを指定してください",
	},
	"cli.ticket.unchanged": {"the text was not changed in the editor; nothing was sent", "エディターで内容が変更されなかったので、何も送信していません"},
	"cli.ticket.edit_alone": {
		"--edit takes the detail from the editor and expects the text that it showed; leave the other flags for the detail away",
		"--edit では、詳細はエディターで編集し、開いたときの内容を前提とします。詳細に関する他のフラグは外してください",
	},
	"cli.ticket.edit_wants_terminal": {
		"--edit needs a terminal, and stdin is none; give the text with --detail-file",
		"--edit には端末が必要ですが、標準入力が端末ではありません。--detail-file で内容を指定してください",
	},
	"cli.ticket.no_detail": {
		"{ticket} has no column for the detail; correct tracker.columns.detail",
		"{ticket} に詳細の列がありません。設定 tracker.columns.detail を直してください",
	},
	"cli.ticket.overwrite_wants_terminal": {
		"--overwrite asks a person on a terminal, and there is none (or --json was given); nothing was sent: give the text that you have seen with --expect or --expect-file",
		"--overwrite は端末で人に確認しますが、端末がありません (または --json が指定されています)。何も送信していません。見た内容を --expect か --expect-file で指定してください",
	},
	"cli.ticket.ask_overwrite": {
		"Overwrite what is in the sheet now? [y/N]",
		"シートにある現在の内容を上書きしますか? [y/N]",
	},
	"cli.ticket.unseen": {
		"the text that stands in {column} was not told, so it cannot be overwritten unseen; repeat",
		"{column} にある内容が分からないため、見ないまま上書きすることはできません。やり直してください",
	},
	"cli.ticket.outcome_open": {
		"whether it was written is not known; repeat with --key {key}, which makes it the same request: it is not done twice",
		"書き込まれたかどうかは不明です。--key {key} を付けてやり直してください。同じ要求とみなされ、二重には実行されません",
	},
	"cli.ticket.conflict": {
		"{ticket}: nothing was sent, because a text stands there that you had not seen; repeat with --expect COLUMN=TEXT and the text that you have now seen, or with --overwrite on a terminal",
		"{ticket}: まだ見ていない内容がシートにあるため、何も送信していません。今見た内容を --expect 列=値 に指定してやり直すか、端末で --overwrite を使ってください",
	},
	"cli.ticket.in_conflict":     {"conflict, not sent", "競合、未送信"},
	"cli.ticket.held_back":       {"not sent", "未送信"},
	"cli.ticket.queued":          {"queued, not verified", "待機中 (未検証)"},
	"cli.ticket.read_back":       {"read back {time}", "{time} に読み戻し"},
	"cli.ticket.edited_since":    {"it was written; a person has edited it since:", "書き込みは済んでいます。その後、人が編集しました:"},
	"cli.ticket.returns":         {"{column}: line ends with a carriage return (CRLF, CR) are written as line feeds (LF)", "{column}: 改行コード (CRLF・CR) は LF にそろえて書き込みます"},
	"cli.ticket.verified":        {"{mark} {ticket}: verified; {count} of {count} {count|cell|cells} read back as written", "{mark} {ticket}: 検証済み。{count} 個のセルをすべて読み戻し、書き込んだとおりであることを確認しました"},
	"cli.ticket.refuted":         {"{mark} {ticket}: refuted; the sheet does not hold what was written", "{mark} {ticket}: 不一致。シートの内容が、書き込んだものと異なります"},
	"cli.ticket.waiting":         {"{mark} {ticket}: not verified; the write is kept and tried again (see `factcheck {ticket}`)", "{mark} {ticket}: 未検証。書き込みは保管されていて、自動で再試行します (`factcheck {ticket}` で確認できます)"},
	"cli.ticket.waiting_unnamed": {"{mark} {ticket}: not verified; it is kept, and gets its id once the sheet can be looked at", "{mark} {ticket}: 未検証。内容は保管されていて、シートを確認できしだい ID が付きます"},
	"cli.ticket.no_id_yet":       {"new ticket", "新しいチケット"},
	"cli.ticket.ask_again":       {"the same command with --key {key} tells which id it got, and files nothing twice", "同じコマンドに --key {key} を付けて実行すると、付いた ID が分かります (二重には起票されません)"},
	"cli.ticket.unverifiable":    {"{mark} {ticket}: cannot be verified", "{mark} {ticket}: 確認できません"},
	"cli.ticket.workspace":       {"workspace {path}: made {files}", "ワークスペース {path}: {files} を作成しました"},
	"cli.ticket.workspace_kept":  {"workspace {path}: {files} was there and is kept", "ワークスペース {path}: 既存の {files} はそのままです"},
	"cli.ticket.no_workspace":    {"{mark} the workspace {path} could not be made: {reason}", "{mark} ワークスペース {path} を用意できませんでした: {reason}"},
	"cli.ticket.stale":           {"{mark} the sheet could not be looked at now; this is what was seen last: {reason}", "{mark} 今はシートを確認できません。上は前回確認した内容です: {reason}"},

	"cli.ticket.show.short":     {"Show a ticket", "チケットを表示する"},
	"cli.ticket.show.long":      {"Shows all cells of a ticket, to the letter. What you were shown counts as seen. Ends with 3 when the sheet could not be looked at now.", "チケットのすべてのセルをそのまま表示します。表示した内容は「見た」ものとして扱います。今シートを確認できなければ 3 で終了します。"},
	"cli.ticket.show.example":   {"  uratori ticket show INTG-088", "  uratori ticket show INTG-088"},
	"cli.ticket.show.head":      {"{ticket}  {row}  as of {time}", "{ticket}  {row}  {time} 現在"},
	"cli.ticket.show.pending":   {"{mark} {count} {count|write waits for its verdict|writes wait for their verdict}", "{mark} 結果待ちの書き込みが {count} 件あります"},
	"cli.ticket.show.workspace": {"workspace {path}", "ワークスペース {path}"},

	"cli.ticket.list.short":       {"List tickets", "チケットを一覧表示する"},
	"cli.ticket.list.long":        {"Lists tickets in the order of the sheet: id, status, summary.", "チケットの ID、ステータス、概要を、シートの並び順に表示します。"},
	"cli.ticket.list.example":     {"  uratori ticket list --status 起票\n  uratori ticket list --text 抽出 --all", "  uratori ticket list --status 起票\n  uratori ticket list --text 抽出 --all"},
	"cli.ticket.list.flag.status": {"only those with this `STATUS`", "この `STATUS` のものだけ"},
	"cli.ticket.list.flag.text":   {"only those with this `TEXT` in the id or the summary", "ID か概要にこの `TEXT` を含むものだけ"},
	"cli.ticket.list.flag.after":  {"only those behind this `TICKET`", "この `TICKET` より後のものだけ"},
	"cli.ticket.list.flag.limit":  {"at most `N` at once (default 50)", "一度に最大 `N` 件 (省略時は 50)"},
	"cli.ticket.list.flag.all":    {"all of them, page by page", "すべて表示する"},
	"cli.ticket.list.bad_limit":   {"--limit {limit}: give 1 or more", "--limit {limit}: 1 以上を指定してください"},
	"cli.ticket.list.circle":      {"the list of tickets turns in a circle after {after}; nothing is known about the rest", "チケットの一覧が {after} で堂々巡りになっています。残りは取得できません"},
	"cli.ticket.list.count":       {"{count} of {total} {total|ticket|tickets}, as of {time}", "{total} 件中 {count} 件 ({time} 現在)"},
	"cli.ticket.list.next":        {"more: the same with --after {after}", "続きは、同じコマンドに --after {after} を付けて表示できます"},

	"cli.ticket.history.short":   {"Tell what was done to a ticket", "チケットの変更履歴を表示する"},
	"cli.ticket.history.long":    {"Tells what people did to a ticket in the sheet and what was written here, oldest first, from the ledger.", "人がシートで行った変更と、こちらからの書き込みを、台帳から古い順に表示します。"},
	"cli.ticket.history.example": {"  uratori ticket history INTG-088", "  uratori ticket history INTG-088"},
	"cli.ticket.history.none":    {"the ledger has nothing about {ticket}", "台帳に {ticket} の記録はありません"},

	"cli.ticket.diff.short": {"Compare what was written with what is in the sheet now", "書き込んだ内容と、シートにある現在の内容を比べる"},
	"cli.ticket.diff.long": {
		"Compares what this side wrote last into each cell with what is there now. A person's later edit is a difference too. Ends with 0 when all is the same, 1 when something differs, 3 when that cannot be verified.",
		"こちらから最後に書き込んだ内容と、シートの現在の内容を、セルごとに比べます。その後に人が行った編集も差分として表示します。すべて同じなら 0、違いがあれば 1、確認できなければ 3 で終了します。",
	},
	"cli.ticket.diff.example": {"  uratori ticket diff INTG-088", "  uratori ticket diff INTG-088"},
	"cli.ticket.diff.same":    {"{mark} {ticket}: no difference in {count} {count|cell|cells}", "{mark} {ticket}: {count} 個のセルに違いはありません"},
	"cli.ticket.diff.nothing": {"{mark} {ticket}: nothing was written from here, so there is nothing to compare", "{mark} {ticket}: こちらからは何も書き込んでいないため、比べるものがありません"},
	"cli.ticket.diff.unknown": {"{mark} {ticket}: not everything could be looked at", "{mark} {ticket}: 確認できないものがあります"},
	"cli.ticket.diff.differs": {"{mark} {ticket}: {differ} of {count} {count|cell differs|cells differ}", "{mark} {ticket}: {count} 個のセルのうち {differ} 個に違いがあります"},

	"cli.text.stdin":       {"stdin", "標準入力"},
	"cli.text.stdin_twice": {"stdin can be read only once; give one of the texts as a file", "標準入力は一度しか読めません。どちらかをファイルで指定してください"},
	"cli.text.unreadable":  {"{what} cannot be read", "{what} を読み取れません"},
	"cli.text.too_big": {
		"{what} has more than {limit} bytes; a cell holds 50,000 characters, so put it elsewhere and write where",
		"{what} は {limit} バイトを超えています。セルに入るのは 50,000 文字までです。別の場所に置き、その場所を書いてください",
	},
	"cli.text.not_utf8": {
		"{what} is not UTF-8: the byte at offset {offset} belongs to no character; convert it, as `iconv -f CP932 -t UTF-8` does",
		"{what} は UTF-8 ではありません (先頭から {offset} バイト目が文字として読めません)。`iconv -f CP932 -t UTF-8` などで変換してください",
	},
	"cli.text.nul": {
		"{what} has a NUL at byte offset {offset}, so it is no text; nothing was sent",
		"{what} の先頭から {offset} バイト目に NUL があり、テキストではありません。何も送信していません",
	},
	"cli.text.bom": {"the byte order mark at the beginning of {what} was taken off", "{what} の先頭の BOM を取り除きました"},

	"cli.editor.none":    {"there is no editor; set VISUAL or EDITOR, or give the text with --detail-file", "エディターが設定されていません。環境変数 VISUAL か EDITOR を設定するか、--detail-file で内容を指定してください"},
	"cli.editor.no_file": {"no file could be made for the editor", "エディター用のファイルを作れませんでした"},
	"cli.editor.failed":  {"the editor `{editor}` failed; nothing was sent", "エディター `{editor}` が失敗しました。何も送信していません"},
	"cli.editor.kept":    {"your text is kept in {file}", "入力した内容は {file} に残してあります"},

	"cli.side.written":  {"written", "書き込んだ内容"},
	"cli.side.unsent":   {"not sent", "未送信の内容"},
	"cli.side.asked":    {"asked for", "依頼した内容"},
	"cli.side.sheet":    {"in the sheet", "シートの内容"},
	"cli.side.expected": {"expected", "期待"},
	"cli.side.actual":   {"actual", "実際"},
	"cli.side.before":   {"before", "変更前"},
	"cli.side.after":    {"after", "変更後"},

	"cli.difference.more": {"… {count} more {count|line|lines}", "… ほか {count} 行"},
	"cli.difference.lookalike": {
		"they look the same; the first difference is character {position}: {old} → {new}",
		"見た目は同じですが、{position} 文字目が違います: {old} → {new}",
	},
	"cli.rune.end":        {"the end", "終わり"},
	"cli.rune.space":      {"space", "半角スペース"},
	"cli.rune.wide_space": {"full-width space", "全角スペース"},
	"cli.rune.hard_space": {"no-break space", "改行なしスペース"},
	"cli.rune.tab":        {"tab", "タブ"},
	"cli.rune.cr":         {"carriage return", "復帰 (CR)"},
	"cli.rune.lf":         {"line feed", "改行 (LF)"},
	"cli.rune.zero_width": {"zero-width space", "ゼロ幅スペース"},
	"cli.rune.bom":        {"byte order mark", "BOM (バイト順マーク)"},
	"cli.rune.combining":  {"combining mark", "結合文字 (濁点など)"},

	"cli.event.created": {"added by a person", "人が追加"},
	"cli.event.edited":  {"edited by a person", "人が編集"},
	"cli.event.deleted": {"deleted by a person", "人が削除"},
	"cli.event.moved":   {"moved by a person", "人が移動"},
	"cli.event.written": {"written from here", "こちらから書き込み"},
	"cli.event.waiting": {"waiting here", "こちらで結果待ち"},
	"cli.event.refused": {"not written from here", "こちらからの書き込みを中止"},

	"cli.sync.short":   {"Look at the sheet now and tell what people changed", "今すぐシートを確認し、人が行った変更を表示する"},
	"cli.sync.long":    {"Reads the whole table now, without waiting for the next regular look, and tells what people changed since the last one.", "次の定期確認を待たずに表全体を読み、前回の確認以降に人が行った変更を表示します。"},
	"cli.sync.example": {"  uratori sync", "  uratori sync"},
	"cli.sync.none":    {"{tickets} {tickets|ticket|tickets} looked at {time}: people changed nothing", "{time} に {tickets} 件のチケットを確認しました。人による変更はありません"},
	"cli.sync.changes": {"{tickets} {tickets|ticket|tickets} looked at {time}; changes by people: {count}", "{time} に {tickets} 件のチケットを確認しました。人による変更が {count} 件あります"},
	"cli.sync.more":    {"… and {count} more {count|change|changes}; `uratori ticket history` has {count|it|them}", "… ほかに {count} 件の変更があります。`uratori ticket history` で確認できます"},

	"cli.factcheck.short": {"Check what is true of a ticket", "チケットの内容が事実かどうかを確かめる"},
	"cli.factcheck.long": {
		`Checks afresh every claim that there is about a ticket, such as that the sheet holds
what was written, and tells of each: ✅ verified, ❌ refuted, ❔ cannot be verified. It
tells when all is well just as when it is not. What people edited afterwards is shown
as their edit, not as a failure. Of each task of the ticket the newest run must have
succeeded; one that failed is refuted until it is run again, and one that is still at work
is named.

--claim has something else judged instead, in the language of gates (docs/gates.md), for
what an agent has reported: whether a file is there, whether pictures have come into the
root of the project, whether a command ends well. Paths are those of the project that the
ticket's workflow was started in, or else of this folder.

Ends with 0 when all is verified, 1 when something is refuted, 3 when something cannot
be verified, as when the sheet cannot be reached.`,
		`チケットについての記録 (シートに書き込んだ内容など) を一つ残らず改めて確かめ、
✅ 検証済み、❌ 不一致、❔ 確認できません、のいずれかで報告します。問題がないときも
同じように報告します。書き込んだ後に人が編集したものは、失敗ではなく編集として表示します。
チケットのタスクは、同じ名前のうち最も新しい実行が成功していることを確かめます。失敗した
ままのものは再実行するまで不一致になり、実行中のものはその旨を表示します。

--claim を付けると、代わりに指定した主張だけを確かめます。エージェントの報告が事実かどうか
(ファイルがあるか、プロジェクト直下に画像が書き込まれていないか、コマンドが正常に終わるか) を
関門と同じ書き方 (docs/gates.md) で尋ねられます。パスはチケットの工程を開始したプロジェクト、
なければ現在のフォルダーから見たものです。

終了ステータスは、すべて検証済みなら 0、不一致があれば 1、確認できないもの
(シートに接続できない場合など) があれば 3 です。`,
	},
	"cli.factcheck.example": {
		`  uratori factcheck INTG-088
  uratori factcheck --all
  uratori factcheck INTG-088 --watch
  # were pictures written to the root of the project?
  uratori factcheck INTG-088 --claim 'file: {"*.{png,jpg,jpeg,webp}": {exists: false}}}}'
  # and since the work on the ticket began, whatever was there before?
  uratori factcheck INTG-088 --claim 'no_match_since: {root: {match: ["*.png", "*.jpg"], since: start}}}}'`,
		`  uratori factcheck INTG-088
  uratori factcheck --all
  uratori factcheck INTG-088 --watch
  # プロジェクト直下に画像が書き込まれていないか
  uratori factcheck INTG-088 --claim 'file: {"*.{png,jpg,jpeg,webp}": {exists: false}}}}'
  # 以前からあるものを除き、チケットの工程の開始以降ではどうか
  uratori factcheck INTG-088 --claim 'no_match_since: {root: {match: ["*.png", "*.jpg"], since: start}}}}'`,
	},
	"cli.factcheck.flag.all":       {"every ticket that there is a claim about", "記録のあるすべてのチケット"},
	"cli.factcheck.flag.watch":     {"go on until Ctrl-C and tell what changes", "Ctrl-C まで続け、変化を表示する"},
	"cli.factcheck.flag.interval":  {"with --watch, check at least so often", "--watch で、少なくともこの間隔で確かめる"},
	"cli.factcheck.flag.claim":     {"judge this instead, as in a gate; may be given again", "代わりにこの主張を確かめる (関門と同じ書き方。繰り返し指定できる)"},
	"cli.factcheck.bad_claim":      {"--claim {claim} is not understood; write it as in a gate (docs/gates.md), such as 'file: {example}'", "--claim {claim} を解釈できません。関門と同じ書き方 (docs/gates.md) で、'file: {example}' のように指定してください"},
	"cli.factcheck.claim_alone":    {"--claim needs a ticket, and goes with neither --all nor --watch", "--claim にはチケットが必要です。--all や --watch とは一緒に使えません"},
	"cli.factcheck.which":          {"give either a ticket or --all", "チケットか --all のどちらか一方を指定してください"},
	"cli.factcheck.bad_interval":   {"--interval {interval}: give a time above 0, as 30s", "--interval {interval}: 0 より長い時間を 30s のように指定してください"},
	"cli.factcheck.interval_alone": {"--interval has no meaning without --watch", "--interval は --watch と一緒に指定してください"},
	"cli.factcheck.not_one": {
		"the daemon gave {count} reports on {ticket} instead of one; nothing is claimed",
		"デーモンが {ticket} について 1 件ではなく {count} 件の報告を返しました。何も確認できていません",
	},
	"cli.factcheck.nothing_checked": {"nothing could be checked", "何も確認できませんでした"},
	"cli.factcheck.unchecked":       {"{mark} nothing could be checked: {reason}", "{mark} 何も確認できませんでした: {reason}"},
	"cli.factcheck.root":            {"    in {folder}", "    対象フォルダー {folder}"},
	"cli.factcheck.looked":          {"looked at {time}", "{time} に確認"},
	"cli.factcheck.written":         {"written {time}", "{time} に書き込み"},
	"cli.factcheck.asked":           {"asked for {time}, not read back", "{time} に依頼、読み戻しなし"},
	"cli.factcheck.edit":            {"a person's edit, seen {time}:", "{time} に確認した、人による編集:"},
	"cli.factcheck.verified":        {"{mark} {ticket}: verified; {count} of {count} {count|check holds|checks hold}", "{mark} {ticket}: 検証済み。{count} 件すべて事実でした"},
	"cli.factcheck.refuted":         {"{mark} {ticket}: refuted; of {count} {count|check|checks}: {bad} refuted, {good} verified, {unknown} cannot be verified", "{mark} {ticket}: 不一致。{count} 件中、不一致 {bad} 件、検証済み {good} 件、確認できないもの {unknown} 件"},
	"cli.factcheck.open":            {"… task {name} #{task}: {state}; nothing is claimed of it before its end", "… タスク {name} #{task}: {state} (終わるまでは何も主張されていません)"},
	"cli.factcheck.nothing":         {"{mark} {ticket}: cannot be verified; nothing could be looked at", "{mark} {ticket}: 確認できません。確かめられたものはありません"},
	"cli.factcheck.unverifiable":    {"{mark} {ticket}: cannot be verified; of {count} {count|check|checks}: {good} verified, {unknown} cannot be verified", "{mark} {ticket}: 確認できません。{count} 件中、検証済み {good} 件、確認できないもの {unknown} 件"},
	"cli.factcheck.none":            {"{mark} there is no claim about any ticket, so nothing is verified", "{mark} どのチケットにも記録がないため、何も確認していません"},
	"cli.factcheck.sum":             {"{mark} {tickets} {tickets|ticket|tickets}: {verified} verified, {refuted} refuted, {unverifiable} cannot be verified", "{mark} {tickets} 件のチケット: 検証済み {verified} 件、不一致 {refuted} 件、確認できないもの {unverifiable} 件"},

	"cli.claim.sheet_cell": {"sheet cell", "シートのセル"},
}
