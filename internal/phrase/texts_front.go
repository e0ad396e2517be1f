package phrase

var frontTexts = map[string]text{
	"front.not_loopback": {
		"{address}: the embedded sheet is served to this machine only; give an address such as 127.0.0.1:8090",
		"{address}: 内蔵シートを公開できるのはこのマシンの中だけです。127.0.0.1:8090 のように指定してください",
	},
	"front.no_port": {
		"cannot listen on {address}; another port can be given with --listen",
		"{address} で待ち受けられません。--listen で別のポートを指定できます",
	},
	"front.token_unwritten": {
		"the token file {file} cannot be written",
		"トークンのファイル {file} に書き込めません",
	},
	"front.token_unread": {
		"the token file {file} cannot be read",
		"トークンのファイル {file} を読み取れません",
	},
	"front.token_bad": {
		"the token file {file} is too short or others can read it; remove it and a new one is made",
		"トークンのファイル {file} が短すぎるか、他のユーザーから読めます。削除すれば新しく作り直します",
	},
}
