package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

func TestEnqueue_WhatIsWrong_IsRefusedPrecisely_AndNothingIsQueued(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.office.tickets["INTG-088"] = ""
	y.write("file", "")
	y.pictures(2)
	y.open()
	many := func(n int) (list []int64) {
		for i := range n {
			list = append(list, int64(i+1))
		}
		return list
	}
	good := func() Order { return y.sh(`true`) }
	for name, tc := range map[string]struct {
		change func(*Order)
		key    string
	}{
		"no command":           {func(o *Order) { o.Spec.Command = nil }, "task.no_command"},
		"an empty program":     {func(o *Order) { o.Spec.Command = []string{"", "x"} }, "task.no_command"},
		"a NUL":                {func(o *Order) { o.Spec.Command = []string{"echo", "a\x00b"} }, "task.bad_command"},
		"not UTF-8":            {func(o *Order) { o.Spec.Command = []string{"echo", "\xff\xfe"} }, "task.bad_command"},
		"a megabyte":           {func(o *Order) { o.Spec.Command = []string{"echo", strings.Repeat("x", 2<<20)} }, "task.long_command"},
		"a relative folder":    {func(o *Order) { o.Spec.Cwd = "work" }, "task.cwd_not_absolute"},
		"up and away":          {func(o *Order) { o.Spec.Cwd = "../.." }, "task.cwd_not_absolute"},
		"no folder at all":     {func(o *Order) { o.Spec.Cwd = "" }, "task.cwd_not_absolute"},
		"a missing folder":     {func(o *Order) { o.Spec.Cwd = y.work + "/nowhere" }, "task.no_cwd"},
		"a file as folder":     {func(o *Order) { o.Spec.Cwd = y.work + "/file" }, "task.cwd_no_folder"},
		"a control character":  {func(o *Order) { o.Name = "a\x1b[31m" }, "task.bad_name"},
		"a turned name":        {func(o *Order) { o.Name = "a\u202eb" }, "task.bad_name"},
		"a long name":          {func(o *Order) { o.Name = strings.Repeat("長", 101) }, "task.bad_name"},
		"a blank name":         {func(o *Order) { o.Name = "  " }, "task.bad_name"},
		"an unknown ticket":    {func(o *Order) { o.Ticket = "INTG-999" }, "task.no_ticket"},
		"a path as ticket":     {func(o *Order) { o.Ticket = "../INTG-088" }, "task.bad_ticket"},
		"a full-width ticket":  {func(o *Order) { o.Ticket = "ＩＮＴＧ－０８８" }, "task.bad_ticket"},
		"our own variable":     {func(o *Order) { o.Spec.Env = map[string]string{"URATORI_TOKEN": "x"} }, "task.our_env"},
		"a variable with =":    {func(o *Order) { o.Spec.Env = map[string]string{"A=B": "x"} }, "task.bad_env"},
		"a variable with NUL":  {func(o *Order) { o.Spec.Env = map[string]string{"A": "\x00"} }, "task.bad_env"},
		"negative retries":     {func(o *Order) { o.Retries = new(int); *o.Retries = -1 }, "task.out_of_range"},
		"a huge priority":      {func(o *Order) { o.Priority = 1 << 40 }, "task.out_of_range"},
		"too many GPUs":        {func(o *Order) { o.Spec.GPU = 1 }, "task.too_many_gpus"},
		"a negative limit":     {func(o *Order) { o.Spec.Timeout = -time.Second }, "task.bad_duration"},
		"a fallback to luck":   {func(o *Order) { o.Spec.OnGPUError = "luck" }, "task.bad_on_gpu_error"},
		"outputs of nothing":   {func(o *Order) { o.Spec.Outputs = []string{"{stem}"} }, "task.outputs_alone"},
		"each of nothing":      {func(o *Order) { o.Spec.Each = 1 }, "task.each_alone"},
		"items that match not": {func(o *Order) { o.Spec.Items = []string{"none/*.png"} }, ""},
		"a bad template":       {func(o *Order) { o.Spec.Items, o.Spec.Outputs = []string{"in/*.png"}, []string{"{nothing}"} }, ""},
		"one output for two":   {func(o *Order) { o.Spec.Items, o.Spec.Outputs = []string{"in/*.png"}, []string{"out.png"} }, ""},
		"output over input":    {func(o *Order) { o.Spec.Items, o.Spec.Outputs = []string{"in/*.png"}, []string{"in/{name}"} }, ""},
		"a bad pattern":        {func(o *Order) { o.Spec.Progress = "(" }, ""},
		"after nothing":        {func(o *Order) { o.After = []int64{99} }, "task.after_unknown"},
		"after thousands":      {func(o *Order) { o.After = many(2000) }, "task.out_of_range"},
		"a long key":           {func(o *Order) { o.Key = strings.Repeat("k", 101) }, "task.bad_key"},
	} {
		o := good()
		tc.change(&o)
		_, err := y.Enqueue(t.Context(), o)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || tc.key != "" && f.Key != tc.key || f.Kind != fault.Invalid && f.Kind != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := y.List(t.Context(), Query{}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestEnqueue_TheSameKeyIsTheSameTask_OtherContentAnError(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	o := y.sh(`true`)
	o.Key = "one"
	var wait sync.WaitGroup
	ids := make([]int64, 20)
	for i := range ids {
		wait.Go(func() {
			task, err := y.Enqueue(t.Context(), o)
			if err != nil {
				t.Error(err)
			}
			ids[i] = task.ID
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] || id == 0 {
			t.Errorf("%v", ids)
		}
	}
	o.Spec.Command = []string{"/bin/false"}
	if _, err := y.Enqueue(t.Context(), o); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
}

func TestEnqueue_WhereTheSheetCannotBeLookedAt_WorkGoesOn(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.office.down = fault.New(fault.Unavailable, "task.gpus_unknown")
	y.open()
	o := y.sh(`true`)
	o.Ticket = "INTG-088"
	if task := y.ended(y.enqueue(o)); task.State != Succeeded {
		t.Errorf("%+v", task)
	}
}

func TestCleanup_RemovesWhatIsOld_ButNotWhatIsNeeded(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.office.tickets["INTG-001"], y.office.tickets["INTG-002"] = "", ""
	y.office.closed["INTG-002"] = true
	y.limits.Retries = 0
	y.open()
	var ids []int64
	for _, ticket := range []string{"", "INTG-001", "INTG-002"} {
		o := y.sh(`echo much; echo x > "$URATORI_CHECKPOINT/x"`)
		o.Ticket = ticket
		ids = append(ids, y.enqueue(o))
	}
	failed := y.enqueue(y.sh(`exit 1`))
	waits := y.sh(`true`)
	waits.After = []int64{failed}
	waiting := y.enqueue(waits)
	for _, id := range append(ids, failed) {
		y.ended(id)
	}
	future := time.Now().Add(time.Hour)
	dry, err := y.Cleanup(t.Context(), future, true)
	if err != nil || len(dry) != 4 {
		t.Fatalf("%+v, %v", dry, err)
	}
	for _, id := range ids {
		if y.read(y.attemptFolder(id, 1)+"/stdout") != "much\n" {
			t.Error("a dry run removed something")
		}
	}
	if list, err := y.Cleanup(t.Context(), time.Now().Add(-time.Hour), false); err != nil || len(list) != 0 {
		t.Errorf("young ones: %+v, %v", list, err)
	}
	list, err := y.Cleanup(t.Context(), future, false)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[int64]string{}
	for _, c := range list {
		if c.Kept != nil {
			if f, ok := errors.AsType[*fault.Error](c.Kept); ok {
				kept[c.Task] = f.Key
			}
		}
	}
	if fmt.Sprint(kept) != fmt.Sprint(map[int64]string{ids[1]: "task.ticket_open", failed: "task.others_wait"}) {
		t.Errorf("%v", kept)
	}
	if again, err := y.Cleanup(t.Context(), future, false); err != nil || len(again) != 2 {
		t.Errorf("%+v, %v", again, err)
	}
	if task, err := y.Task(t.Context(), ids[0]); err != nil || task.Cleaned.IsZero() || task.State != Succeeded {
		t.Errorf("%+v, %v", task, err)
	}
	y.end(waiting)
}

func TestStatistics_CountWhatHappened(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 1
	y.open()
	y.ended(y.enqueue(y.sh(`true`)))
	y.ended(y.enqueue(y.sh(`false`)))
	s, err := y.Statistics(t.Context())
	if err != nil || s.States[Succeeded] != 1 || s.States[Failed] != 1 || s.Attempts[string(Broke)] != 2 || s.Retries != 1 || s.Last != 3 || s.Bytes == 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// What a crash, or a disk that filled up just then, has left of a cleanup is
// seen to by the next one: a folder that was doomed goes, one that was not is
// put back.
func TestCleanup_CutShort_IsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	done, kept := y.enqueue(y.sh("true")), y.enqueue(y.sh("true"))
	y.ended(done)
	y.ended(kept)
	if list, err := y.Cleanup(t.Context(), time.Now().Add(time.Hour), false); err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	err := y.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE runner_tasks SET cleaned = 0 WHERE id = ?`, kept)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{done, kept} {
		if err := os.MkdirAll(filepath.Join(y.taskFolder(id)+".removed", "1"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	theirs := filepath.Join(y.Folder, "notes.removed")
	if err := os.MkdirAll(theirs, 0o700); err != nil {
		t.Fatal(err)
	}
	if list, err := y.Cleanup(t.Context(), time.Now().Add(-time.Hour), true); err != nil || len(list) != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := os.Stat(y.taskFolder(done) + ".removed"); err != nil {
		t.Errorf("a look has removed it: %v", err)
	}
	if list, err := y.Cleanup(t.Context(), time.Now().Add(-time.Hour), false); err != nil || len(list) != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	for path, want := range map[string]bool{
		y.taskFolder(done) + ".removed": false, y.taskFolder(done): false, y.taskFolder(kept) + ".removed": false, y.taskFolder(kept): true, theirs: true,
	} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A job may leave folders that nobody can look into: of another user, or, as
// here, too deep for any path.
func TestCleanup_AFolderThatCannotBeRead_KeepsNoOther(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	deep, plain := y.enqueue(y.sh("true")), y.enqueue(y.sh("true"))
	y.ended(deep)
	y.ended(plain)
	in, err := os.OpenRoot(y.taskFolder(deep))
	if err != nil {
		t.Fatal(err)
	}
	const name, levels = "folders-in-folders-in-folders-in-folders", 150
	for range levels {
		if err := in.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		next, err := in.OpenRoot(name)
		if err := errors.Join(err, in.Close()); err != nil {
			t.Fatal(err)
		}
		in = next
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := y.Statistics(t.Context()); err != nil || s.Bytes == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	list, err := y.Cleanup(t.Context(), time.Now().Add(time.Hour), false)
	if err != nil || len(list) != 2 || list[0].Kept != nil || list[1].Kept != nil || list[0].Bytes == 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestEdit_WaitsForNoMoreTasksThanAnOrderMay(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(Order{Name: "job", Hold: true, Spec: Spec{Command: []string{"true"}, Cwd: y.work}})
	many := make([]int64, mostAfter+1)
	for i := range many {
		many[i] = id + 1
	}
	if _, err := y.Edit(t.Context(), id, Edit{After: &many}); !errors.Is(err, fault.New(fault.Invalid, "task.out_of_range")) {
		t.Error(err)
	}
}
