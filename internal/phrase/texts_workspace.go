package phrase

var workspaceTexts = map[string]text{
	"workspace.bad_id": {
		"{id} cannot be the name of a folder: an id has up to 100 letters, digits, dots, underscores and hyphens of ASCII and begins with a letter or a digit; correct it in the sheet",
		"{id} はフォルダー名にできません。ID は半角の英数字、ピリオド、アンダースコア、ハイフンで 100 文字以内、先頭は英字か数字です。シートの ID を直してください",
	},
	"workspace.bad_template": {
		"tracker.workspace is {template}: it must be an absolute path with {{id}} in a folder name, without .. and with no other placeholder than {{home}}; correct the setting",
		"tracker.workspace は {template} ですが、フォルダー名に {{id}} を含む絶対パスで、.. がなく、ほかのプレースホルダーは {{home}} だけでなければなりません。設定を直してください",
	},
	"workspace.bad_path": {
		"{path} cannot be the folder of a ticket: give an absolute path, or one that begins with ~/, without .. and control characters",
		"{path} はチケットのフォルダーにできません。絶対パスか ~/ で始まるパスを、.. や制御文字を含めずに指定してください",
	},
	"workspace.in_home": {
		"{path} lies in {home}, which holds the settings and secrets of uratori; choose a folder elsewhere, or leave it to tracker.workspace",
		"{path} は uratori の設定や秘密情報を置く {home} の中にあります。別の場所のフォルダーを選ぶか、指定を外して tracker.workspace に任せてください",
	},
	"workspace.no_parent": {
		"{path} cannot be made, since there is no folder {parent}: correct the path, or make that folder first",
		"{parent} というフォルダーがないため、{path} を作れません。パスを直すか、先にそのフォルダーを作ってください",
	},
	"workspace.not_folder": {
		"{path} cannot be used as a folder, because a file is in its way; nothing was overwritten: move the file aside and repeat",
		"{path} は、同じ場所にファイルがあるため、フォルダーとして使えません。何も上書きしていません。ファイルを別の場所に移してからやり直してください",
	},
	"workspace.not_file": {
		"{path} is no ordinary file, or a link that leads out of its folder or nowhere; nothing was overwritten: move it aside and repeat",
		"{path} は通常のファイルではないか、フォルダーの外や存在しない場所へのリンクです。何も上書きしていません。別の場所に移してからやり直してください",
	},
	"workspace.link": {
		"{path} is a symbolic link, which is not followed; nothing was written: remove the link, or name the folder that it leads to as the ticket's",
		"{path} はシンボリックリンクなので、たどりません。何も書き込まれていません。リンクを削除するか、リンク先のフォルダーをチケットのフォルダーとして指定してください",
	},
	"workspace.dangling": {
		"{path} is a symbolic link that leads nowhere: correct or remove the link (is the disk that it leads to mounted?) and repeat",
		"{path} はリンク先のないシンボリックリンクです。リンクを直すか削除してから(リンク先のディスクはマウントされていますか)、やり直してください",
	},
	"workspace.moved": {
		"{path} was moved or replaced while files were being made in it; look where it is now and repeat",
		"ファイルの作成中に {path} が移動または置き換えられました。現在の場所を確認してからやり直してください",
	},
	"workspace.full": {
		"{path} could not be written, because the disk is full: free some space and repeat; what is there already stays",
		"ディスクが一杯のため、{path} を書き込めませんでした。空きを作ってからやり直してください。すでにあるものはそのまま残ります",
	},
	"workspace.read_only": {
		"{path} could not be written, because the disk can only be read: make it writable, or set tracker.workspace to another place",
		"ディスクが読み取り専用のため、{path} を書き込めませんでした。書き込めるようにするか、tracker.workspace を別の場所にしてください",
	},
	"workspace.no_access": {
		"{path} could not be written: check the permissions and the owner of it and of its folder",
		"{path} を書き込めませんでした。それ自体とフォルダーの権限と所有者を確認してください",
	},
	"workspace.too_long": {
		"{path} is too long for the disk: choose a shorter one",
		"{path} はディスクで使えるパスの長さを超えています。短くしてください",
	},
	"workspace.failed": {
		"{path} could not be made; remove the cause and repeat",
		"{path} を作れませんでした。原因を取り除いてからやり直してください",
	},
	"workspace.no_templates": {
		"{folder} is not a folder with templates: correct the path; nothing was made",
		"{folder} はテンプレートのフォルダーではありません。パスを直してください。何も作成していません",
	},
	"workspace.unreadable": {
		"the template {file} cannot be read: check that it is there and its permissions; nothing was made",
		"テンプレート {file} を読めません。ファイルの有無と権限を確認してください。何も作成していません",
	},
	"workspace.bad_text": {
		"the template {file} must be a text file in UTF-8 of at most 1 MiB: save it as such; nothing was made",
		"テンプレート {file} は UTF-8 で 1 MiB 以下のテキストファイルでなければなりません。その形式で保存してください。何も作成していません",
	},
}
