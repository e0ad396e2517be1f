package phrase

var sheetTexts = map[string]text{
	"sheet.no_tab": {
		"the embedded sheet has no tab {title}",
		"内蔵シートにタブ {title} はありません",
	},
	"sheet.tab_in_use": {
		"tab {title} already holds {rows} {rows|row|rows}; choose another tab with --tab, or replace what it holds with --replace",
		"タブ {title} にはすでに {rows} 行あります。--tab で別のタブを選ぶか、--replace で中身を置き換えてください",
	},
	"sheet.too_large": {
		"{rows} rows of {columns} columns are too large: a spreadsheet holds {cells} cells in all",
		"{rows} 行 × {columns} 列は大きすぎます。スプレッドシート全体で {cells} セルまでです",
	},
	"sheet.bad_title": {
		"{title} cannot be the name of a tab",
		"{title} はタブの名前にできません",
	},
	"sheet.long_cell": {
		"cell {cell} is longer than the {characters} characters that a cell holds",
		"セル {cell} は、1 セルの上限 {characters} 文字を超えています",
	},
	"sheet.no_content": {
		"the file holds no cell; nothing was imported",
		"ファイルにセルがありません。何も取り込みませんでした",
	},
}
