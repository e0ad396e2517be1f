package phrase

// What editing the embedded sheet by hand can be refused with.
var sheetEditTexts = map[string]text{
	"sheet.bad_page": {
		"rows {from} to {to} cannot be shown at once: begin at row 1 or later, and ask for {most} rows at most",
		"{from} 行目から {to} 行目は一度に表示できません。1 行目以降から、最大 {most} 行ずつ指定してください",
	},
	"sheet.bad_steps": {
		"an edit has between 1 and {most} steps, and this one has {count}; nothing was changed",
		"1 回の編集は 1〜{most} 操作までですが、{count} 操作あります。何も変更していません",
	},
	"sheet.bad_step": {
		"a step of an edit is exactly one of put, insert, delete, sort and arrange; nothing was changed",
		"編集の各操作は put、insert、delete、sort、arrange のちょうど 1 つでなければなりません。何も変更していません",
	},
	"sheet.bad_block": {
		"a block of cells begins at row 1, column A or later, holds a cell, and names for each what was seen there; nothing was changed",
		"セルの範囲は A1 以降から始まり、1 つ以上のセルと、それぞれに見えていた内容が必要です。何も変更していません",
	},
	"sheet.bad_value": {
		"cell {cell} cannot hold this: it is no text, number, boolean, formula or format that the embedded sheet knows; nothing was changed",
		"セル {cell} にこの値は入れられません (文字列・数値・真偽値・数式・書式のいずれとしても解釈できません)。何も変更していません",
	},
	"sheet.bad_text": {
		"cell {cell} was not written, and nothing else was",
		"セル {cell} に書き込めません。何も変更していません",
	},
	"sheet.bad_order": {
		"the new order of rows must name each of them once; nothing was changed",
		"新しい並び順には、各行がちょうど 1 回ずつ必要です。何も変更していません",
	},
	"sheet.large_batch": {
		"the edit is too large: {most} cells at once are the limit; nothing was changed",
		"編集が大きすぎます。一度に {most} セルまでです。何も変更していません",
	},
	"sheet.outside": {
		"row {row}, column {column} is beyond the tab, which has {rows} {rows|row|rows} and {columns} {columns|column|columns}; nothing was changed",
		"{row} 行 {column} 列はタブの範囲外です (全 {rows} 行 × {columns} 列)。何も変更していません",
	},
	"sheet.last_row": {
		"not all rows of a tab can be deleted; nothing was changed",
		"タブのすべての行を削除することはできません。何も変更していません",
	},
	"sheet.rows_changed": {
		"rows {from} to {to} are not as they were: somebody has changed them since; nothing was changed",
		"{from} 行目から {to} 行目は、その後ほかの編集で変わっています。何も変更していません",
	},
}
