package phrase

var storeTexts = map[string]text{
	"store.disk_full": {
		"the disk of {file} is full; nothing was written: free some space and repeat",
		"{file} のあるディスクが一杯です。何も書き込まれていません。空きを作ってからやり直してください",
	},
	"store.read_only": {
		"{file} can only be read (a read-only file or file system); nothing was written: make it writable, or set URATORI_HOME to a folder that is",
		"{file} は読み取り専用です(ファイルまたはファイルシステム)。何も書き込まれていません。書き込めるようにするか、URATORI_HOME に書き込めるフォルダーを指定してください",
	},
	"store.corrupt": {
		"{file} is damaged or is not a database; stop the daemon (uratori down), move {file}, {file}-wal and {file}-shm aside and put a backup in their place",
		"{file} は壊れているか、データベースではありません。デーモンを止め (uratori down)、{file}、{file}-wal、{file}-shm を別の場所に移してからバックアップを戻してください",
	},
	"store.in_use": {
		"{file} is locked by another program; end the program that has it open (fuser {file}) and repeat",
		"{file} は別のプログラムがロックしています。開いているプログラムを終了して (fuser {file}) やり直してください",
	},
	"store.newer_schema": {
		"{file} was written by a newer uratori ({part}: version {have}, this one knows up to {want}); nothing was changed: update this uratori",
		"{file} は新しい uratori が書いたものです({part}: バージョン {have}、この uratori が扱えるのは {want} まで)。何も変更していません。uratori を更新してください",
	},
	"store.replaced": {
		"{file} was deleted or replaced while the daemon had it open; nothing is written any more: run `uratori down`, put the file or a backup in place and repeat",
		"デーモンの動作中に {file} が削除または置き換えられたため、書き込みを停止しています。`uratori down` を実行し、元のファイルかバックアップを戻してからやり直してください",
	},
	"store.exists": {
		"{file} already exists and was left as it is; choose another name",
		"{file} はすでに存在するため、そのまま残しました。別の名前を指定してください",
	},
	"store.no_copy": {
		"{file} could not be written: check that its folder is there and can be written",
		"{file} を書き込めませんでした。フォルダーが存在し、書き込めることを確認してください",
	},
	"store.closed": {
		"the daemon is stopping; repeat the command in a moment",
		"デーモンは停止処理中です。少し待ってやり直してください",
	},
	"store.no_access": {
		"{file} cannot be opened; check the permissions and the owner of the file and of its folder",
		"{file} を開けません。ファイルとそのフォルダーの権限と所有者を確認してください",
	},
}
