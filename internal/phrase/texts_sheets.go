package phrase

var sheetsTexts = map[string]text{
	"sheets.no_key_column": {
		"no column is named as the key of the table",
		"表のキーとなる列が指定されていません",
	},
	"sheets.no_column": {
		"the header has no column {column}; it has: {have}",
		"見出し行に列「{column}」がありません。あるのは: {have}",
	},
	"sheets.no_header": {
		"none of the first {rows} rows is a header with a column {column}",
		"最初の {rows} 行の中に、列「{column}」のある見出し行が見つかりません",
	},
	"sheets.header_twice": {
		"the header names {column} twice, in columns {first} and {second}: rename one of them",
		"見出し「{column}」が {first} 列と {second} 列の 2 か所にあります。どちらかの名前を変えてください",
	},
	"sheets.not_found": {
		"{key} is not in the sheet",
		"{key} はシートにありません",
	},
	"sheets.not_found_near": {
		"{key} is not in the sheet; what looks alike is there: {near}",
		"{key} はシートにありません。よく似たものはあります: {near}",
	},
	"sheets.ambiguous": {
		"{key} stands in several rows: {rows}; nothing can be said of it until only one is left",
		"{key} が複数の行 ({rows} 行目) にあります。1 行だけになるまで判断できません",
	},
	"sheets.no_tab": {
		"the spreadsheet has no tab {tab}; it has: {have}",
		"スプレッドシートにタブ「{tab}」がありません。あるのは: {have}",
	},
	"sheets.no_book": {
		"there is no spreadsheet {spreadsheet}: check the ID or URL",
		"スプレッドシート {spreadsheet} が見つかりません。ID か URL を確認してください",
	},
	"sheets.permission_share": {
		"Google does not let us in: share the spreadsheet with {address} as an editor",
		"Google にアクセスを拒否されました。スプレッドシートを {address} に編集者として共有してください",
	},
	"sheets.permission": {
		"Google does not let us in: share the spreadsheet with the account that is signed in, as an editor; protected cells must be open to it too",
		"Google にアクセスを拒否されました。ログイン中のアカウントに編集者として共有してください (保護されたセルも編集できる必要があります)",
	},
	"sheets.api_disabled": {
		"the Google Sheets API is not enabled in the project of the credentials",
		"認証情報のプロジェクトで Google Sheets API が有効になっていません",
	},
	"sheets.sign_in": {
		"Google does not accept the credentials",
		"Google に認証情報を拒否されました",
	},
	"sheets.quota": {
		"Google's limit of requests a minute is reached",
		"Google の 1 分あたりの回数制限に達しました",
	},
	"sheets.unavailable": {
		"the server of the sheet does not answer as it should",
		"シートのサーバーが正常に応答しません",
	},
	"sheets.refused": {
		"Google Sheets refused the request",
		"Google スプレッドシートが要求を拒否しました",
	},
	"sheets.moving": {
		"tab {tab} is being changed faster than it can be read; nothing was written",
		"タブ「{tab}」が読み取りより速く変更され続けています。何も書き込んでいません",
	},
	"sheets.unknown": {
		"it is not known whether the write was applied",
		"書き込みが適用されたかどうか分かりません",
	},
	"sheets.gave_up": {
		"there was no time left to ask Google Sheets",
		"時間切れのため、Google スプレッドシートに問い合わせできませんでした",
	},
	"sheets.bad_text": {
		"a cell cannot hold this text to the letter: line {line} has {what}",
		"このテキストはセルにそのまま保存できません ({line} 行目: {what})",
	},
	"sheets.too_long": {
		"the text has {length} characters, and a cell holds {limit}",
		"テキストが {length} 文字あり、セルの上限 {limit} 文字を超えています",
	},
	"sheets.in_column": {
		"{key}, column {column}",
		"{key} の列「{column}」",
	},
	"sheets.row_twice": {
		"row {row} has no key or is written twice in one batch",
		"{row} 行目はキーがないか、1 回の書き込みに 2 度含まれています",
	},
	"sheets.column_twice": {
		"column {column} is the key or is written twice",
		"列「{column}」はキーの列であるか、2 度指定されています",
	},
	"sheets.key_taken": {
		"{key} is in the sheet already",
		"{key} はすでにシートにあります",
	},
	"sheets.bad_key": {
		"a key must be one line of text and not empty",
		"キーは空でない 1 行のテキストでなければなりません",
	},
}
