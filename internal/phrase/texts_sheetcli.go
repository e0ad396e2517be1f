package phrase

var sheetCLITexts = map[string]text{
	"cli.sheet.short":       {"The embedded sheet: serve it to other programs, move tables in and out", "内蔵シートを他のプログラムに公開する、表を取り込む・書き出す"},
	"cli.sheet.serve.short": {"Serve the embedded sheet as Google's Sheets v4 interface", "内蔵シートを Google Sheets v4 互換の API として公開する"},
	"cli.sheet.serve.long": {
		`Any Sheets client works against it: give it the printed address as its base URL.
Programs of the same user are let in as they are; others send the token of the
printed file as a bearer token or as the "key" parameter. Formulas are kept as
text and never computed; what is not supported is refused by name.`,
		`Sheets のクライアントなら、表示された URL を基準 URL に指定するだけで使えます。
同じユーザーのプログラムはそのまま利用でき、他のユーザーは表示されたファイルの
トークンを Bearer トークンか key パラメーターで送ります。数式は文字列として保存し、
計算はしません。対応していない機能は、その名前を挙げて拒否します。`,
	},
	"cli.sheet.serve.example":     {"  uratori sheet serve --listen 127.0.0.1:8090 --quota 60", "  uratori sheet serve --listen 127.0.0.1:8090 --quota 60"},
	"cli.sheet.serve.flag.listen": {"address on this machine; port 0 chooses a free one", "待ち受けるアドレス (このマシンのみ)。ポート 0 で空きを選ぶ"},
	"cli.sheet.serve.flag.quota":  {"so many reads and writes a minute, as Google limits them; 0 is no limit", "Google と同じように毎分の読み取り・書き込み回数を制限する。0 は無制限"},
	"cli.sheet.serve.bad_quota":   {"--quota {quota}: give 0 or more", "--quota {quota}: 0 以上を指定してください"},
	"cli.sheet.serve.ended":       {"the embedded sheet is not served any more", "内蔵シートの公開が終わりました"},
	"cli.sheet.serve.at": {
		"Serving at {url}\nSpreadsheet ID: {spreadsheet}\nToken for other users: {file}",
		"公開中: {url}\nスプレッドシート ID: {spreadsheet}\n他のユーザー用のトークン: {file}",
	},
	"cli.sheet.flag.tab":     {"tab of the embedded sheet (default: the tracker's)", "内蔵シートのタブ (省略時はトラッカーのタブ)"},
	"cli.sheet.import.short": {"Make a tab of the embedded sheet from a CSV, TSV or XLSX file", "CSV・TSV・XLSX ファイルを内蔵シートのタブに取り込む"},
	"cli.sheet.import.long": {
		`The file's first row becomes the tab's header. All cells arrive as text, to the
letter; line breaks inside cells become LF. The whole table arrives or nothing,
and it is read back and compared before success is told.`,
		`ファイルの 1 行目がタブの見出しになります。セルはすべて文字列として一字一句そのまま
入ります (セル内の改行は LF になります)。表は全体が入るか、何も入らないかのどちらかです。
取り込んだ後に読み戻して照合し、その結果を報告します。`,
	},
	"cli.sheet.import.example":       {"  uratori sheet import tickets.csv\n  uratori sheet import old.xlsx --from 2025 --tab Archive", "  uratori sheet import tickets.csv\n  uratori sheet import old.xlsx --from 2025 --tab Archive"},
	"cli.sheet.import.flag.encoding": {"utf-8, utf-16 or shift_jis (default: detected)", "utf-8、utf-16、shift_jis のいずれか (省略時は自動判定)"},
	"cli.sheet.import.flag.from":     {"tab of the XLSX file (default: the first visible one)", "XLSX ファイルのタブ (省略時は最初の表示タブ)"},
	"cli.sheet.import.flag.replace":  {"replace what the tab holds", "タブの中身を置き換える"},
	"cli.sheet.import.good":          {"{mark} verified: {rows} {rows|row|rows} of {columns} {columns|column|columns} {rows|is|are} in tab {tab}", "{mark} 検証済み: タブ {tab} に {rows} 行 × {columns} 列を取り込みました"},
	"cli.sheet.import.bad":           {"{mark} refuted: tab {tab} does not hold what the file holds; somebody may have edited it meanwhile", "{mark} 不一致: タブ {tab} の内容がファイルと異なります。取り込みの間に編集された可能性があります"},
	"cli.sheet.import.formulas":      {"{count} {count|formula was read as the value|formulas were read as the values} that they last had", "数式 {count} 件は、最後に計算された値として読み取りました"},
	"cli.sheet.import.unread":        {"tab {tab} was written but could not be read back", "タブ {tab} に書き込みましたが、読み戻せませんでした"},
	"cli.sheet.export.short":         {"Write a tab of the embedded sheet to a CSV, TSV or XLSX file", "内蔵シートのタブを CSV・TSV・XLSX ファイルに書き出す"},
	"cli.sheet.export.long": {
		`Cells are written as people see them; formulas as their text. The file appears
whole or not at all, and is read back and compared before success is told.`,
		`セルは画面に見えるとおりに、数式は文字列のまま書き出します。ファイルは完全な形で
現れるか、まったく現れないかのどちらかです。書き出した後に読み戻して照合します。`,
	},
	"cli.sheet.export.example":        {"  uratori sheet export tickets.csv\n  uratori sheet export tickets.csv --encoding shift_jis --crlf", "  uratori sheet export tickets.csv\n  uratori sheet export tickets.csv --encoding shift_jis --crlf"},
	"cli.sheet.export.flag.encoding":  {"of a CSV or TSV (default: UTF-8 with a mark, which Excel opens right)", "CSV・TSV の文字コード (省略時は Excel で正しく開ける BOM 付き UTF-8)"},
	"cli.sheet.export.flag.overwrite": {"replace a file that is there", "既存のファイルを置き換える"},
	"cli.sheet.export.flag.crlf":      {"end rows with CRLF", "行末を CRLF にする"},
	"cli.sheet.export.good":           {"{mark} verified: {rows} {rows|row|rows} of {columns} {columns|column|columns} {rows|is|are} in {file}", "{mark} 検証済み: {file} に {rows} 行 × {columns} 列を書き出しました"},
	"cli.sheet.export.bad":            {"{mark} refuted: {file} does not hold what the tab holds", "{mark} 不一致: {file} の内容がタブと異なります"},
	"cli.sheet.export.unread":         {"{file} was written but could not be read back", "{file} を書き出しましたが、読み戻せませんでした"},
}
