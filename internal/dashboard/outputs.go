package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/dashboard/thumb"
	"uratori/internal/fault"
)

const (
	// shownOutputs are on a page of a task; fewOutputs where a task is one of
	// several.
	shownOutputs = 24
	fewOutputs   = 8
	// thumbSide is the longer side of a small picture, twice what it is shown
	// at: screens have more pixels than that.
	thumbSide = 320
	// mostPictures is how many pictures are sent in full at once.
	mostPictures = 8
)

// outputView is an output as a page shows it.
type outputView struct {
	control.TaskOutput
	Task int64
}

// Name is what it is called, without its folder.
func (o outputView) Name() string { return path.Base(o.Path) }

// InputName is what was given.
func (o outputView) InputName() string { return path.Base(o.Input) }

// Page is where it is shown in full.
func (o outputView) Page() string {
	return fmt.Sprintf("/task/%d/output/%d/%d", o.Task, o.Item, o.Output)
}

// File is the output itself.
func (o outputView) File() string {
	return fmt.Sprintf("/task/%d/file/%d/%d", o.Task, o.Item, o.Output)
}

// Small is a small picture of it as it is now.
func (o outputView) Small() string {
	return fmt.Sprintf("/task/%d/thumb/%d/%d?v=%d-%d", o.Task, o.Item, o.Output, o.Modified.UnixNano(), o.Size)
}

// InputFile is what it was made of.
func (o outputView) InputFile() string { return fmt.Sprintf("/task/%d/file/%d/input", o.Task, o.Item) }

// IsPicture tells whether there is something to see. A file that says it is one
// and is none is tried all the same.
func (o outputView) IsPicture() bool {
	return o.Format != "" && o.Format != "file" && o.Format != "tiff" || o.Format == "" && pictured(o.Path)
}

// InputIsPicture goes by the name; what it is shows when it is asked for.
func (o outputView) InputIsPicture() bool { return pictured(o.Input) }

func pictured(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib":
		return true
	}
	return false
}

func viewOutputs(task int64, list []control.TaskOutput) []outputView {
	all := make([]outputView, len(list))
	for i, o := range list {
		all[i] = outputView{o, task}
	}
	return all
}

// fileAsked is which file of a task an address names.
func fileAsked(r *http.Request) (control.OutputFile, error) {
	task, err := taskOf(r)
	q := control.OutputFile{Task: task, Output: -1}
	if err != nil {
		return q, err
	}
	item, err := strconv.ParseInt(r.PathValue("item"), 10, 32)
	if err != nil || item < 1 {
		return q, fault.New(fault.Invalid, "page.bad_address")
	}
	q.Item = int(item)
	if r.PathValue("output") == "input" {
		return q, nil
	}
	output, err := strconv.ParseInt(r.PathValue("output"), 10, 32)
	if err != nil || output < 0 {
		return q, fault.New(fault.Invalid, "page.bad_address")
	}
	q.Output = int(output)
	return q, nil
}

var errEnough = errors.New("enough was read")

// read reads a whole file, or only what it is where head is set.
func read(ctx context.Context, conn Daemon, q control.OutputFile, head bool) (raw []byte, size int64, modified time.Time, err error) {
	err = conn.OutputFile(ctx, q, func(p control.FilePiece) error {
		if p.Modified != nil {
			size, modified = p.Size, *p.Modified
			if head {
				return errEnough
			}
		}
		if len(raw)+len(p.Data) > thumb.MostBytes {
			return thumb.ErrTooLarge
		}
		raw = append(raw, p.Data...)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return raw, size, modified, err
}

// outputThumb sends a small picture of a file of a task.
func (d *Dashboard) outputThumb(w http.ResponseWriter, r *http.Request) {
	q, err := fileAsked(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageLimit)
	defer cancel()
	conn, err := d.o.Connect(ctx)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	defer conn.Close()
	_, size, modified, err := read(ctx, conn, q, true)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	key := thumb.Key{Task: q.Task, Item: q.Item, Output: q.Output, Modified: modified.UnixNano(), Size: size}
	tag := fmt.Sprintf(`"%d-%d"`, key.Modified, key.Size)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache") // kept, and asked for each time
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	raw, ok := d.thumbs.Get(key)
	if !ok {
		raw, err = d.maker.Make(ctx, thumbSide, func() ([]byte, error) {
			raw, _, _, err := read(ctx, conn, q, false)
			return raw, err
		})
		if err != nil {
			d.noPicture(w, r, err)
			return
		}
		d.thumbs.Put(key, raw)
	}
	w.Header().Set("Content-Type", "image/jpeg")
	_, _ = w.Write(raw) // the browser has gone otherwise
}

// noPicture tells what a file is instead.
func (d *Dashboard) noPicture(w http.ResponseWriter, r *http.Request, err error) {
	for _, h := range []string{"ETag", "Content-Disposition"} {
		w.Header().Del(h)
	}
	w.Header().Set("Cache-Control", "no-store")
	f, key := d.faces.of(r), ""
	switch {
	case errors.Is(err, thumb.ErrNoPicture):
		key = "page.picture.none"
	case errors.Is(err, thumb.ErrTooLarge):
		key = "page.picture.large"
	case errors.Is(err, thumb.ErrBroken):
		key = "page.picture.broken"
	default:
		d.refuse(w, r, err)
		return
	}
	http.Error(w, f.say(key), http.StatusUnsupportedMediaType)
}

// outputFile sends a picture of a task as it is. What is no picture of pixels is
// not sent: a page of a stranger's making would be one of ours.
func (d *Dashboard) outputFile(w http.ResponseWriter, r *http.Request) {
	q, err := fileAsked(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if !d.pictures.take() {
		crowded(w)
		return
	}
	defer d.pictures.give()
	conn, err := d.o.Connect(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	defer conn.Close()
	p := &pictureOut{out: stream{w, http.NewResponseController(w)}}
	err = conn.OutputFile(r.Context(), q, p.take)
	if err == nil {
		err = p.end()
	}
	switch {
	case err == nil:
	case p.begun:
		panic(http.ErrAbortHandler) // what was sent is not all of it
	default:
		d.noPicture(w, r, err)
	}
}

// pictureOut sends a picture once it is known that it is one.
type pictureOut struct {
	out   stream
	head  bytes.Buffer
	size  int64
	begun bool
}

func (p *pictureOut) take(piece control.FilePiece) error {
	if piece.Modified != nil {
		p.size = piece.Size
	}
	if p.begun {
		return p.out.write(piece.Data)
	}
	p.head.Write(piece.Data)
	if p.head.Len() < thumb.HeadLength {
		return nil
	}
	return p.begin()
}

func (p *pictureOut) begin() error {
	kind, err := thumb.Kind(p.head.Bytes(), p.size)
	if err != nil {
		return err
	}
	p.begun = true
	p.out.w.Header().Set("Content-Type", kind)
	p.out.w.Header().Set("Content-Disposition", "inline")
	return p.out.write(p.head.Bytes())
}

func (p *pictureOut) end() error {
	if p.begun {
		return nil
	}
	return p.begin()
}
