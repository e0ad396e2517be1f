package phrase

var approvalTexts = map[string]text{
	"approval.bad_field": {
		"{field} {value} cannot be used in an approval",
		"承認の {field} に {value} は使えません",
	},
	"approval.bad_parts": {
		"what is to be approved has {count} parts; 1 to {most} are possible",
		"承認の対象は {count} 件です。1〜{most} 件にしてください",
	},
	"approval.not_of_parts": {
		"the digest is not that of the parts",
		"ダイジェストが対象の内容と一致しません",
	},
	"approval.no_reason": {
		"a rejection needs a reason",
		"却下には理由が必要です",
	},
	"approval.not_asked": {
		"nobody has asked for an approval of {ticket} at the step {step}",
		"{ticket} のステップ {step} について承認の依頼はありません",
	},
	"approval.other": {
		"what is to be approved of {ticket} at the step {step} has changed since you looked; look again",
		"{ticket} のステップ {step} の承認対象は、確認した後に変更されています。もう一度確認してください",
	},
	"approval.expired": {
		"nobody answered for {ticket} at the step {step} by {at}; it has to be asked for again",
		"{ticket} のステップ {step} の承認依頼は {at} に期限切れになりました。もう一度依頼してください",
	},
	"approval.decided": {
		"{approver} has already answered for {ticket} at the step {step} ({channel}, {at}); one question has one answer",
		"{ticket} のステップ {step} には {approver} がすでに回答しています({channel}、{at})。1 つの依頼に回答は 1 つです",
	},
	"approval.wrong": {
		"that is not the passphrase; tries left: {left}",
		"パスフレーズが違います。残り {left} 回",
	},
	"approval.locked": {
		"too many wrong passphrases: nobody can answer before {until}",
		"パスフレーズの誤りが続いたため、{until} まで誰も回答できません",
	},
	"approval.no_passphrase": {
		"there is no passphrase for approvals yet; set one in a terminal of your own: `uratori approve --set-passphrase`",
		"承認用のパスフレーズがまだありません。ご自身の端末で `uratori approve --set-passphrase` を実行して設定してください",
	},
	"approval.old_wanted": {
		"there is a passphrase already; the old one is needed to change it",
		"パスフレーズはすでに設定されています。変更するには今のパスフレーズが必要です",
	},
	"approval.empty_passphrase": {
		"the passphrase is empty",
		"パスフレーズが空です",
	},
	"approval.long_passphrase": {
		"a passphrase has at most {most} bytes",
		"パスフレーズは最大 {most} バイトです",
	},
	"approval.not_text": {
		"a passphrase is text on one line: valid UTF-8 without control characters",
		"パスフレーズは制御文字を含まない 1 行の UTF-8 文字列にしてください",
	},
	"approval.weak_passphrase": {
		"that passphrase is guessed too soon: take {fewest} characters or more, at least {distinct} of them different; five words are better",
		"パスフレーズが推測されやすいものです。{fewest} 文字以上、{distinct} 種類以上の文字を使ってください。単語 5 つ程度をお勧めします",
	},
	"approval.tampered": {
		"an approval of {subject} was tampered with in the store, and does not count; see docs/threat-model.md",
		"{subject} の承認の記録が改ざんされているため無効です。docs/threat-model.md を参照してください",
	},
}
