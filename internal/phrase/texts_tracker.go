package phrase

var trackerTexts = map[string]text{
	"tracker.bad_id": {
		"{ticket} cannot be the id of a ticket: 1 to 100 ASCII letters, digits, '.', '_' and '-', beginning with a letter or digit",
		"{ticket} はチケット ID に使えません。半角の英数字・「.」・「_」・「-」で 1〜100 文字、先頭は英数字にしてください",
	},
	"tracker.bad_ticket": {
		"{ticket} cannot be the id of a ticket",
		"{ticket} はチケット ID として正しくありません",
	},
	"tracker.nothing": {
		"nothing to write: give at least one field",
		"書き込む内容がありません。項目を 1 つ以上指定してください",
	},
	"tracker.not_filed": {
		"a new ticket has the status {filed}, not {status}: filing is not doing. Create it first, then update the status",
		"新しいチケットのステータスは {filed} です({status} にはできません)。先に起票し、そのあとでステータスを更新してください",
	},
	"tracker.expected_alone": {
		"a text is expected in {column}, but nothing is to be written there",
		"{column} に期待する内容が指定されていますが、その列への書き込みがありません",
	},
	"tracker.bad_text": {
		"the text for {column} cannot be stored to the letter",
		"{column} の内容はそのままでは保存できません",
	},
	"tracker.no_name": {
		"a field has no name",
		"名前のない項目があります",
	},
	"tracker.reserved": {
		"{column} is not for programs to write: ids stay as they are, and only a person approves",
		"{column} はプログラムからは書き込めません。ID は変更できず、承認は人だけが行えます",
	},
	"tracker.twice": {
		"{column} and {other} are the same column",
		"{column} と {other} は同じ列です",
	},
	"tracker.no_column": {
		"the table has no column {column}; the nearest are: {near}",
		"{column} という列はありません。近い列: {near}",
	},
	"tracker.key_taken": {
		"the key {key} was used for another request, about {ticket}; a new request needs a new key",
		"キー {key} は別の依頼({ticket})で使用済みです。新しい依頼には新しいキーを指定してください",
	},
	"tracker.exists": {
		"{ticket} is already there, in row {row}, with other content; nothing was written",
		"{ticket} は別の内容ですでに存在します({row} 行目)。何も書き込んでいません",
	},
	"tracker.tampered": {
		"what the store says of write {write} to {ticket} is not what the ledger says: somebody has edited the store, and nothing can be said of that write",
		"{ticket} への書き込み {write} について、データベースの内容が台帳と一致しません。データベースが書き換えられており、この書き込みについては何も言えません",
	},
	"tracker.looks_alike": {
		"{ticket} was not created: people would take it for one that is there",
		"{ticket} は作成していません。見分けのつかない ID がすでにあります",
	},
	"tracker.conflict": {
		"{ticket} was not updated: somebody has changed the text since it was last read. Read it, then repeat with the text that is there now as what you expect",
		"{ticket} は更新していません。最後に読み取った後で内容が変更されています。現在の内容を確認し、それを期待する内容(expected)として指定して再実行してください",
	},
	"tracker.overtaken": {
		"an attempt to write {ticket} did not come through as it should, and now a cell holds something else; look at what is there before writing again",
		"{ticket} への書き込みが正しく届いたと確認できないうちに、セルの内容が変わっています。現在の内容を確認してから書き直してください",
	},
	"tracker.same_moment": {
		"somebody wrote into a cell of {ticket} in the very moment in which it was written to: their text was put back, and yours is not there. Read it, then decide",
		"{ticket} への書き込みと同じ瞬間に、同じセルが手で編集されました。手で入力された内容を元に戻したため、今回の内容は書き込まれていません。現在の内容を確認してください",
	},
	"tracker.cannot_put_back": {
		"a cell was covered in a row that cannot be told from others: it has no id, or the id of another row. The sheet's version history has what stood there",
		"他の行と区別できない行(ID がない、または ID が重複している行)のセルを上書きしました。元の内容はシートの変更履歴で確認してください",
	},
	"tracker.too_much": {
		"the texts of one request have more than {most} bytes; write fewer fields at a time",
		"1 回の依頼に含まれる文字列が {most} バイトを超えています。項目を分けて書き込んでください",
	},
	"tracker.on_two_rows": {
		"{ticket} is on several rows now; what was to be written may stand in one of them",
		"{ticket} が複数の行にあります。書き込むはずだった内容が、そのどれかにある可能性があります",
	},
	"tracker.held_back": {
		"not sent, because another cell of the same request was in conflict",
		"同じ依頼の別のセルで競合があったため、送信していません",
	},
	"tracker.changed_since": {
		"the cell of {ticket} that was to be put back has been changed since; it stays as it is",
		"元に戻すはずだった {ticket} のセルは、その後変更されています。そのままにします",
	},
	"tracker.not_text": {
		"the cell shows the text, but holds a {kind}",
		"セルの表示は同じですが、中身は文字列ではありません({kind})",
	},
	"tracker.waiting": {
		"queued; the sheet has not confirmed it yet",
		"順番待ちです。シートでの確認はまだ取れていません",
	},
	"tracker.other_table": {
		"it was meant for another spreadsheet than the present settings name, and waits until that is set again",
		"現在の設定とは別のスプレッドシート宛てです。その設定に戻るまで保留します",
	},
	"tracker.busy": {
		"the sheet was not looked at in time; try again",
		"時間内にシートを確認できませんでした。もう一度お試しください",
	},
	"tracker.stopped": {
		"the daemon is stopping",
		"デーモンが停止中です",
	},
	"tracker.no_answer": {
		"the sheet cannot be used",
		"シートを利用できません",
	},
	"tracker.bad_limit": {
		"{limit} tickets cannot be listed at once; ask for 1 to {most}",
		"一度に {limit} 件は取得できません。1〜{most} の範囲で指定してください",
	},
	"tracker.bad_sort": {
		"tickets cannot be sorted by {sort}; by id, summary or status they can, with - before it backwards",
		"{sort} では並べ替えられません。id、summary、status のいずれかを指定してください(逆順は先頭に -)",
	},
	"tickets.bad_wait": {
		"{ms} ms is no time to wait; 1 to {most} are possible, and 0 for the usual",
		"待ち時間 {ms} ミリ秒は指定できません。1〜{most}、または 0(既定)にしてください",
	},
	"problem.tracker": {
		"the tracker's sheet cannot be used: {error}",
		"トラッカーのシートを利用できません: {error}",
	},
	"doctor.tracker_ok": {
		"the sheet answers: {count} {count|ticket|tickets} in the tab {tab}",
		"シートが応答しています。タブ「{tab}」のチケットは {count} 件です",
	},
	"tracker.no_after": {
		"{ticket} is not in this list",
		"{ticket} はこの一覧にありません",
	},
}
