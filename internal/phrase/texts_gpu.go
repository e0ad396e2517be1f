package phrase

var gpuTexts = map[string]text{
	"gpu.not_built": {
		"this uratori was built without GPU monitoring (CGO_ENABLED=0): build it with gcc and `make build` to watch GPUs",
		"この uratori は GPU 監視なしでビルドされています (CGO_ENABLED=0)。GPU を監視するには gcc のある環境で `make build` してください",
	},
	"gpu.no_library": {
		"no GPU is watched: NVIDIA's library is not there ({libraries}); on a machine with an NVIDIA GPU install its driver, or set monitor.nvml",
		"GPU は監視していません。NVIDIA のライブラリーがありません ({libraries})。NVIDIA の GPU があるならドライバーを入れるか、monitor.nvml を設定してください",
	},
	"gpu.no_driver": {
		"no GPU is watched: {library} is there, but the NVIDIA driver is not loaded; on a machine with an NVIDIA GPU load or reinstall the driver",
		"GPU は監視していません。{library} はありますが、NVIDIA ドライバーが読み込まれていません。NVIDIA の GPU があるならドライバーを読み込むか、入れ直してください",
	},
	"gpu.unusable": {
		"the GPUs cannot be watched: {library} cannot be used",
		"GPU を監視できません。{library} を使えません",
	},
	"gpu.lacks": {
		"it lacks {functions}; it is no library of an NVIDIA driver, or too old a one: update the driver, or correct monitor.nvml",
		"{functions} がありません。NVIDIA ドライバーのライブラリーではないか、古すぎます。ドライバーを更新するか、monitor.nvml を直してください",
	},
	"gpu.init_mismatch": {
		"the driver was updated while it ran, and library and kernel module no longer fit: reboot",
		"動作中にドライバーが更新され、ライブラリーとカーネルモジュールの版が合わなくなりました。再起動してください",
	},
	"gpu.init_failed": {
		"it could not be started (NVML {code}); see whether `nvidia-smi` works",
		"初期化に失敗しました (NVML {code})。`nvidia-smi` が動くか確かめてください",
	},
	"gpu.probe_lost": {
		"GPU probe lost, so nothing is known about the GPUs until it is back; jobs go on",
		"GPU プローブを失いました。復旧するまで GPU の状態は不明です。ジョブは続いています",
	},
	"gpu.vanished": {
		"the GPUs can no longer be watched, though they could be before",
		"これまで監視できていた GPU を監視できなくなりました",
	},
	"gpu.stopped": {
		"the GPUs are not watched, because the daemon is stopping",
		"デーモンの停止中のため、GPU は監視していません",
	},
	"gpu.no_answer": {
		"the GPU probe has not answered in time",
		"GPU プローブが時間内に応答しませんでした",
	},
	"gpu.not_started": {
		"its process could not be started",
		"プロセスを起動できませんでした",
	},
	"gpu.died": {
		"its process ended by itself ({status})",
		"プロセスがひとりでに終了しました ({status})",
	},
	"gpu.died_saying": {
		"its process ended by itself ({status}), with the words: {words}",
		"プロセスがひとりでに終了しました ({status})。最後の出力: {words}",
	},
	"gpu.silent": {
		"it did not answer for {span}: a call into the driver hangs",
		"{span} 応答がありませんでした。ドライバーの呼び出しが止まっています",
	},
	"gpu.silent_start": {
		"it was not ready {span} after its start: a call into the driver hangs",
		"起動から {span} 経っても準備が整いませんでした。ドライバーの呼び出しが止まっています",
	},
	"gpu.stuck": {
		"its process {pid} hangs inside the driver and cannot be ended, not even by SIGKILL: jobs that use the GPU may hang likewise; reboot when they can be stopped",
		"プロセス {pid} がドライバー内で止まり、SIGKILL でも終了しません。GPU を使うジョブも同じく止まるおそれがあります。ジョブを止められる時に再起動してください",
	},
	"gpu.garbled": {
		"it talks in a way that is not understood (was uratori updated while the daemon ran?)",
		"応答を理解できません(デーモンの動作中に uratori を更新しましたか)",
	},
	"gpu.count_failed": {
		"the driver could not list the GPUs (NVML {code})",
		"ドライバーが GPU の一覧を返せませんでした (NVML {code})",
	},
	"gpu.holding_of_none": {
		"whether processes hold GPU memory was asked without naming any",
		"プロセスを指定せずに、GPU メモリーの使用を尋ねました",
	},
	"gpu.blind_wsl2": {
		"which processes hold GPU memory cannot be known here: in WSL2 the driver numbers processes in its own way",
		"どのプロセスが GPU メモリーを使っているかは、ここでは分かりません。WSL2 ではドライバーのプロセス番号がこちらと一致しません",
	},
	"gpu.blind_container": {
		"which processes hold GPU memory cannot be known here: in a container the driver numbers processes in its own way",
		"どのプロセスが GPU メモリーを使っているかは、ここでは分かりません。コンテナーの中ではドライバーのプロセス番号がこちらと一致しません",
	},
	"gpu.no_processes": {
		"{gpu} does not tell which processes hold its memory (NVML {code})",
		"{gpu} はどのプロセスがメモリーを使っているかを返しません (NVML {code})",
	},
	"gpu.lost": {
		"{gpu} is lost: it has fallen off the bus. Reboot; when it comes back, check its power, seat and temperature",
		"{gpu} を見失いました。バスから外れています。再起動し、再発するなら電源・差し込み・温度を確認してください",
	},
	"gpu.reset_required": {
		"{gpu} must be reset before it can be used again: stop what uses it, `uratori down` included, and run `nvidia-smi --gpu-reset`, or reboot",
		"{gpu} はリセットするまで使えません。使用中のもの(`uratori down` を含む)を止めて `nvidia-smi --gpu-reset` を実行するか、再起動してください",
	},
	"gpu.blocked": {
		"{gpu} is blocked by the operating system: in a container its device was taken away (often by `systemctl daemon-reload`); restart the container",
		"{gpu} は OS によりアクセスを止められています。コンテナーではデバイスの許可が外れています(`systemctl daemon-reload` が原因のことが多い)。コンテナーを再起動してください",
	},
	"gpu.mismatch": {
		"{gpu} cannot be used: the driver was updated while it ran; reboot",
		"{gpu} を使えません。動作中にドライバーが更新されました。再起動してください",
	},
	"gpu.not_listed": {
		"{gpu} was there and is no longer listed by the driver: it is lost, or was removed; see `nvidia-smi` and the kernel's log, and reboot",
		"{gpu} がドライバーの一覧から消えました。故障か取り外しです。`nvidia-smi` とカーネルのログを確認し、再起動してください",
	},
	"gpu.no_power": {
		"{gpu} lacks power: connect the power cables of the card",
		"{gpu} の電力が足りません。カードの補助電源ケーブルを接続してください",
	},
	"gpu.sick": {
		"{gpu} does not answer (NVML {code}); see whether `nvidia-smi` works, and reboot if it does not",
		"{gpu} が応答しません (NVML {code})。`nvidia-smi` が動くか確かめ、動かなければ再起動してください",
	},

	"gpu.xid.nothing":   {"nothing needs to be done", "対処は不要です"},
	"gpu.xid.restart":   {"the GPU is well: check the program and its input, then start the task again", "GPU 自体は正常です。プログラムと入力を確認し、タスクをやり直してください"},
	"gpu.xid.reset":     {"stop what uses the GPU, `uratori down` included, and reset it (`nvidia-smi --gpu-reset`), or reboot", "GPU の使用をすべて止め(`uratori down` を含む)、リセットするか (`nvidia-smi --gpu-reset`)、再起動してください"},
	"gpu.xid.reboot":    {"reboot; when it happens again, check power, seat and temperature of the card", "再起動してください。再発するならカードの電源・差し込み・温度を確認してください"},
	"gpu.xid.memory":    {"the GPU's memory failed: reset it or reboot; when it happens again, have the card replaced", "GPU のメモリーの障害です。リセットか再起動をし、再発するならカードを交換してください"},
	"gpu.xid.cables":    {"connect the power cables of the card, and check its seat", "カードの補助電源ケーブルと差し込みを確認してください"},
	"gpu.xid.link":      {"check the NVLink connection between the GPUs, reset them or reboot", "GPU 間の NVLink 接続を確認し、リセットか再起動をしてください"},
	"gpu.xid.update":    {"update the driver", "ドライバーを更新してください"},
	"gpu.xid.follow":    {"it follows from an earlier error, or from a process that was ended: see the Xid before it", "先に起きたエラーか、プロセスの強制終了に伴うものです。直前の Xid を見てください"},
	"gpu.xid.recovery":  {"it comes with another Xid: see what the driver asks for (`nvidia-smi -q`, GPU Recovery Action)", "ほかの Xid に伴うものです。ドライバーが求める対処を見てください(`nvidia-smi -q` の GPU Recovery Action)"},
	"gpu.xid.check_uvm": {"check how the program uses managed memory, then start the task again", "プログラムの統合メモリーの使い方を確認し、タスクをやり直してください"},
	"gpu.xid.support":   {"see whether `nvidia-smi` works; when it happens again, update the driver and ask NVIDIA's support", "`nvidia-smi` が動くか確かめてください。再発するならドライバーを更新し、NVIDIA のサポートに問い合わせてください"},

	"gpu.kind.out_of_memory": {"the GPU's memory was not enough: use less at a time, or end what else uses the GPU", "GPU のメモリーが足りませんでした。一度に使う量を減らすか、ほかの使用を止めてください"},
	"gpu.kind.application":   {"the program did something wrong on the GPU: check it and its input", "プログラムの GPU 上の処理に誤りがあります。プログラムと入力を確認してください"},
	"gpu.kind.hardware":      {"the GPU failed: see `nvidia-smi` and the kernel's log before anything is started again", "GPU の障害です。再開する前に `nvidia-smi` とカーネルのログを確認してください"},
	"gpu.kind.setup":         {"the GPU cannot be used as things are set up: driver, libraries or the choice of the GPU do not fit", "今の環境では GPU を使えません。ドライバー・ライブラリー・GPU の指定を確認してください"},
	"gpu.kind.communication": {"GPUs could not talk to each other: see the error of the others first", "GPU 間の通信に失敗しました。まずほかの GPU のエラーを見てください"},
	"gpu.kind.cpu_fallback":  {"the program goes on without the GPU, on the CPU", "プログラムが GPU を使わず、CPU で動いています"},
	"gpu.kind.xid":           {"the driver reported an error of the GPU", "ドライバーが GPU のエラーを報告しました"},

	"cli.gpu_probe.short":        {"Watch the GPUs for the daemon (internal)", "デーモンのために GPU を監視する(内部用)"},
	"cli.gpu_probe.flag.library": {"path of NVIDIA's library", "NVIDIA のライブラリーのパス"},
}
