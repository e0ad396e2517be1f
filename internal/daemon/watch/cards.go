package watch

import (
	"context"
	"strconv"
	"strings"

	"uratori/internal/fault"
	"uratori/monitor/gpu"
)

// named are the GPUs of the settings, nil where they are to be looked for.
func named(setting string) []string {
	if setting == "" {
		return nil
	}
	return strings.Split(setting, ",")
}

// listed are the GPUs that the driver lists, by their numbers.
func (t *Tower) listed(ctx context.Context) ([]string, error) {
	if s := t.probe.State(); s.Phase == gpu.NoGPU {
		return nil, fault.New(fault.Unavailable, "task.gpus_unknown").Wrap(s.Problem)
	}
	devices, err := t.probe.Devices(ctx)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "task.gpus_unknown").Wrap(err)
	}
	names := make([]string, len(devices))
	for i, d := range devices {
		names[i] = strconv.Itoa(d.Index)
	}
	return names, nil
}

// Holding looks which of these processes hold memory of a GPU. Where the
// driver does not tell, the error says so.
func (t *Tower) Holding(ctx context.Context, pids []int) ([]int, error) {
	h, err := t.probe.Holding(ctx, pids)
	if err != nil {
		return nil, err
	}
	var list []int
	for _, held := range h.Holds {
		list = append(list, held.PID)
	}
	return list, nil
}
