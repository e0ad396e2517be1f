package phrase

var factcheckTexts = map[string]text{
	"factcheck.bad_ticket": {
		"{ticket} cannot be the id of a ticket: an id has 1 to {most} characters and no line breaks or other control characters; correct it",
		"{ticket} はチケットの ID になりません。ID は 1 から {most} 文字で、改行などの制御文字は使えません。ID を直してください",
	},
	"factcheck.unknown": {
		"there is no ticket {ticket}, and nothing was ever written to it",
		"チケット {ticket} はなく、書き込みの記録もありません",
	},
	"factcheck.no_such_ticket": {
		"there is no ticket {ticket} in the sheet, so nothing can be true of it; what the claims say of files and the like was looked at all the same",
		"シートに {ticket} というチケットはないため、このチケットについての主張は成り立ちません(ファイルなどについての主張は確認しました)",
	},
	"factcheck.nothing": {
		"{ticket} is in the sheet, but nothing was recorded about it, so there is nothing to verify",
		"{ticket} はシートにありますが、記録された書き込みがないため、確認できることがありません",
	},
	"factcheck.no_list": {
		"the tickets to be checked could not be listed",
		"確認するチケットの一覧を取得できませんでした",
	},
	"factcheck.no_claims": {
		"it could not be found out in full what is claimed of {ticket}",
		"{ticket} について確認すべきことをすべては取得できませんでした",
	},
	"factcheck.no_checker": {
		"this uratori cannot check claims of the type {claim}: update it, or correct the type",
		"この uratori は種類「{claim}」の主張を確認できません。uratori を更新するか、種類を直してください",
	},
	"factcheck.failed": {
		"claims of the type {claim} could not be checked",
		"種類「{claim}」の主張を確認できませんでした",
	},
	"factcheck.unsound": {
		"checking a claim of the type {claim} gave a verdict without an observation behind it, so it does not count; this is an error of uratori: please report it",
		"種類「{claim}」の主張の確認で、観測に基づかない判定が返されたため、無効としました。uratori の不具合です。報告してください",
	},
	"factcheck.panicked": {
		"an error of uratori ended the check ({panic}); the log of the daemon has the details: please report it",
		"uratori の不具合で確認が中断されました ({panic})。詳しくはデーモンのログにあります。報告してください",
	},
	"factcheck.pending": {
		"the write is queued since {since} and has no verdict yet",
		"書き込みは {since} から待機中で、まだ判定が出ていません",
	},
	"factcheck.pending_there": {
		"the text is in the cell, but its write, queued since {since}, is still waiting for its verdict",
		"セルの内容は一致していますが、{since} から待機中の書き込みの判定がまだ出ていません",
	},
	"factcheck.no_write": {
		"no write to {column} of {ticket} is recorded",
		"{ticket} の「{column}」への書き込みは記録されていません",
	},
	"factcheck.not_shown": {
		"the sheet was read, but it showed no {column} of {ticket}: check that one column, and no second, has this header",
		"シートを読みましたが、{ticket} の「{column}」が見つかりません。この見出しの列が 1 つだけあることを確認してください",
	},
	"factcheck.moving": {
		"{column} of {ticket} was something else at each look: repeat in a moment",
		"{ticket} の「{column}」は読むたびに変わっていました。少し待ってやり直してください",
	},
	"factcheck.deleted": {
		"a person deleted the row of the ticket, as was seen at {at}",
		"チケットの行は人の手で削除されています ({at} に確認)",
	},
	"factcheck.gone": {
		"the ticket is not in the sheet, and nobody was seen deleting it since the write",
		"チケットがシートにありません。書き込みの後に人が削除した記録もありません",
	},
	"factcheck.not_text": {
		"the cell does not hold this as a text but as a number, a formula or the like, which Google shows and computes with as such: write it again",
		"セルの内容が文字列ではなく、数値や数式などになっています。もう一度書き込んでください",
	},
	"factcheck.conflict": {
		"nothing was sent, because the cell held a text that the writer had not seen",
		"書き込む側が見ていない内容がセルにあったため、何も送信していません",
	},
	"factcheck.never_there": {
		"the text was not found in the cell after it was written, and is not there now",
		"書き込み後の読み戻しで確認できておらず、現在もセルにありません",
	},
	"factcheck.changed": {
		"the text was read back at {read_at}, but the cell holds another now, and what people were seen editing does not explain it",
		"{read_at} の読み戻しでは一致していましたが、現在のセルの内容は異なり、人による編集の記録からも説明できません",
	},
}
