package phrase

var tabfileTexts = map[string]text{
	"tabfile.unknown_format": {
		"{file}: a table is a .csv, .tsv or .xlsx file: give it one of these endings",
		"{file}: 表のファイルは .csv、.tsv、.xlsx のいずれかです。拡張子を直してください",
	},
	"tabfile.no_such_format": {
		"{format} is not a format: take csv, tsv or xlsx",
		"{format} という形式はありません。csv、tsv、xlsx のいずれかを指定してください",
	},
	"tabfile.old_excel": {
		"{file} is an Excel file of the old kind (.xls): open it in Excel, save it as .xlsx and repeat",
		"{file} は古い形式の Excel ファイル (.xls) です。Excel で開いて .xlsx 形式で保存し、やり直してください",
	},
	"tabfile.unknown_encoding": {
		"{encoding} is not an encoding that is known here: take utf-8, utf-8-bom, shift_jis, utf-16le or utf-16be",
		"{encoding} という文字コードには対応していません。utf-8、utf-8-bom、shift_jis、utf-16le、utf-16be のいずれかを指定してください",
	},
	"tabfile.no_encoding_here": {
		"{file} is a workbook, which has no encoding to choose: leave the encoding out",
		"{file} はブックなので、文字コードは選べません。文字コードの指定を外してください",
	},
	"tabfile.no_tabs_here": {
		"{file} is a text file, which has no tabs: leave the tab out",
		"{file} はテキストファイルで、シートはありません。シートの指定を外してください",
	},
	"tabfile.no_file": {
		"there is no file {file}",
		"{file} というファイルはありません",
	},
	"tabfile.not_a_file": {
		"{file} is not an ordinary file: name one",
		"{file} は通常のファイルではありません。通常のファイルを指定してください",
	},
	"tabfile.unreadable": {
		"{file} cannot be read",
		"{file} を読み取れません",
	},
	"tabfile.unwritable": {
		"{file} cannot be written; no file was made or changed",
		"{file} を書き込めません。ファイルは作成も変更もされていません",
	},
	"tabfile.unplaced": {
		"{file} was written, but may not outlive a power failure",
		"{file} は書き込まれましたが、停電などで失われるおそれがあります",
	},
	"tabfile.exists": {
		"{file} exists already: choose another name, or replace it with --overwrite",
		"{file} は既にあります。別の名前にするか、--overwrite で上書きしてください",
	},

	"tabfile.workbook_as_text": {
		"{file} is a workbook and not text: rename it to .xlsx, or save it as CSV",
		"{file} はテキストではなくブックです。拡張子を .xlsx にするか、CSV で保存し直してください",
	},
	"tabfile.other_mark": {
		"{file} starts with the mark of {found}, but {encoding} was asked for: leave the encoding out",
		"{file} は {found} の目印で始まっていますが、{encoding} が指定されました。文字コードの指定を外してください",
	},
	"tabfile.undetected": {
		"{file} is neither UTF-8 nor Shift_JIS throughout: repair it, or name its encoding",
		"{file} は全体を UTF-8 としても Shift_JIS としても読めません。ファイルを直すか、文字コードを指定してください",
	},
	"tabfile.bad_bytes": {
		"{file}, line {line}: there are bytes that are no character in {encoding}: repair the line, or name another encoding",
		"{file} の {line} 行目: {encoding} の文字として読めないバイトがあります。その行を直すか、別の文字コードを指定してください",
	},
	"tabfile.cr_lines": {
		"{file}: its lines end with CR alone: save it with LF or CRLF",
		"{file}: 改行が CR だけです。改行を LF または CRLF にして保存し直してください",
	},
	"tabfile.stray_quote": {
		"{file}, line {line}, byte {byte}: a quotation mark stands inside a cell that does not begin with one: put the cell in quotation marks and double the one inside",
		"{file} の {line} 行目 {byte} バイト目: 引用符で始まらないセルの中に引用符があります。セル全体を引用符で囲み、中の引用符は二重にしてください",
	},
	"tabfile.broken_quote": {
		"{file}: a cell in the row that begins on line {start} has quotation marks that do not match (seen on line {line}): double those inside the cell, and close it",
		"{file}: {start} 行目から始まる行に、引用符の対応が取れないセルがあります ({line} 行目で検出)。セルの中の引用符は二重にし、セルの終わりを引用符で閉じてください",
	},
	"tabfile.row_too_long": {
		"{file}: the row that begins on line {line} is longer than {mib} MiB: look for a quotation mark that is never closed",
		"{file}: {line} 行目から始まる行が {mib} MiB を超えています。閉じていない引用符がないか確認してください",
	},

	"tabfile.too_wide": {
		"{file}, row {row}: {columns} columns are more than the {limit} that fit: split the table",
		"{file} の {row} 行目: {columns} 列は上限の {limit} 列を超えています。表を分けてください",
	},
	"tabfile.too_many_cells": {
		"{file}, row {row}: up to here there are more than {limit} cells: split the table",
		"{file} の {row} 行目: ここまででセルが上限の {limit} 個を超えました。表を分けてください",
	},
	"tabfile.nul": {
		"{file}, row {row}, column {column}: there is a NUL character, which no cell can hold: remove it, or name the encoding if the file is UTF-16",
		"{file} の {row} 行目 {column} 列: セルに入れられない NUL 文字があります。取り除くか、UTF-16 のファイルであれば文字コードを指定してください",
	},
	"tabfile.cell_too_long": {
		"{file}, row {row}, column {column}: {length} characters are more than the {limit} that fit in a cell: shorten the text",
		"{file} の {row} 行目 {column} 列: {length} 文字はセルの上限の {limit} 文字を超えています。短くしてください",
	},
	"tabfile.row_too_big": {
		"{file}, row {row}: the row is longer than {mib} MiB: shorten or split it",
		"{file} の {row} 行目: 行が {mib} MiB を超えています。短くするか分けてください",
	},
	"tabfile.not_text": {
		"{file}, row {row}, column {column}: this is not valid UTF-8 and cannot be written as text",
		"{file} の {row} 行目 {column} 列: UTF-8 として正しくないため、文字として書き込めません",
	},
	"tabfile.no_code": {
		"{file}, row {row}, column {column}: {encoding} has no code for “{character}”: replace it, or write UTF-8",
		"{file} の {row} 行目 {column} 列: 「{character}」は {encoding} にない文字です。置き換えるか、UTF-8 で書き出してください",
	},

	"tabfile.not_xlsx": {
		"{file} is not an .xlsx workbook: save it as one, or name its true format",
		"{file} は .xlsx のブックではありません。.xlsx 形式で保存するか、実際の形式を指定してください",
	},
	"tabfile.cut_short": {
		"{file} is cut short or damaged: fetch or save it again",
		"{file} は途中で切れているか壊れています。取得または保存をやり直してください",
	},
	"tabfile.encrypted": {
		"{file} is protected with a password: open it in Excel, save it without the password and repeat",
		"{file} はパスワードで保護されています。Excel で開いてパスワードなしで保存し、やり直してください",
	},
	"tabfile.no_workbook": {
		"{file} is a ZIP file, but holds no .xlsx workbook: open it in its own program and save it as .xlsx",
		"{file} は ZIP ファイルですが、.xlsx のブックではありません。元のアプリで開いて .xlsx 形式で保存してください",
	},
	"tabfile.damaged": {
		"{file} is damaged in its part {part}: open it in Excel, which may repair it, and save it again",
		"{file} の {part} の部分が壊れています。Excel で開いて (修復できる場合があります) 保存し直してください",
	},
	"tabfile.unpacks_too_big": {
		"{file}: its part {part} unpacks to more than {mib} MiB, more than a table needs: split the table, and distrust a file from somebody else",
		"{file}: {part} の部分が展開すると {mib} MiB を超え、表として大きすぎます。表を分けてください。他人から受け取ったファイルであれば注意してください",
	},
	"tabfile.no_visible_tab": {
		"{file} has no visible tab with cells: name the tab to read",
		"{file} には表示されているシートがありません。読み込むシートを指定してください",
	},
	"tabfile.no_such_tab": {
		"{file} has no tab {tab} with cells; its tabs are: {tabs}",
		"{file} に {tab} というシートはありません。あるのは次のシートです: {tabs}",
	},
	"tabfile.not_calculated": {
		"{file}, row {row}, column {column}: the formula was never calculated, so it has no value to read: open the file in Excel, save it and repeat",
		"{file} の {row} 行目 {column} 列: 数式が計算されていないため、読み取る値がありません。Excel で開いて保存し、やり直してください",
	},
	"tabfile.tab_name": {
		"{tab} cannot be the name of a tab in Excel: take at most {limit} characters, none of : \\ / ? * [ ] and no ' at either end",
		"{tab} は Excel のシート名にできません。{limit} 文字以内で、: \\ / ? * [ ] を使わず、先頭と末尾を ' 以外にしてください",
	},
	"tabfile.excel_rows": {
		"{file}: Excel holds {limit} rows at most: split the table, or write CSV",
		"{file}: Excel に入るのは {limit} 行までです。表を分けるか、CSV で書き出してください",
	},
	"tabfile.excel_size": {
		"{file}, row {row}: up to here the table is larger than Excel can open: split it, or write CSV",
		"{file} の {row} 行目: ここまでで Excel が開ける大きさを超えました。表を分けるか、CSV で書き出してください",
	},
}
