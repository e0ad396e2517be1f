package cli

import (
	"github.com/spf13/cobra"

	"uratori/monitor/gpu"
)

// gpuProbeCommand is the process in which NVIDIA's library is loaded; the daemon
// starts it.
func (a *app) gpuProbeCommand() *cobra.Command {
	var library string
	cmd := &cobra.Command{
		Use: "gpu-probe", Short: a.lang.Say("cli.gpu_probe.short"), Hidden: true,
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return gpu.Serve(cmd.Context(), library) },
	}
	cmd.Flags().StringVar(&library, "library", "libnvidia-ml.so.1", a.lang.Say("cli.gpu_probe.flag.library"))
	return cmd
}
