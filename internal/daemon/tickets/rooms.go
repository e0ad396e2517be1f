package tickets

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/tracker"
	"uratori/tracker/project"
	"uratori/tracker/workspace"
)

// rooms makes the folders of tickets.
type rooms struct {
	site    workspace.Site
	house   daemon.House
	lang    phrase.Lang
	tracker *tracker.Tracker

	mu      sync.Mutex
	waiting []tracker.Ticket // whose verdict came after their caller had gone
	news    chan struct{}
}

func newRooms(site workspace.Site, h daemon.House, lang phrase.Lang) *rooms {
	return &rooms{site: site, house: h, lang: lang, news: make(chan struct{}, 1)}
}

// choose tells which folder a new ticket gets: the one that the user named, else
// by the template of the project that they work in, else ("") by that of the
// settings. It refuses what cannot be, before a ticket is filed for it.
func (r *rooms) choose(named, within string) (string, error) {
	if root, ok := project.Find(within); ok && named == "" && filepath.IsAbs(within) {
		p, err := project.Load(root)
		if err != nil {
			return "", err
		}
		if p.Workspace != "" {
			named = filepath.Join(root, p.Workspace)
		}
	}
	place, err := r.site.Place(r.house.Config.Tracker.Prefix+"-0", named) // of whichever ticket
	if err != nil {
		return "", err
	}
	if _, err := r.templates(place); err != nil {
		return "", err
	}
	return named, place.Judge()
}

// make makes the folder of a ticket and tells how it went: the ticket is there
// whatever becomes of its folder.
func (r *rooms) make(ctx context.Context, filed tracker.Result, named string) *control.Workspace {
	texts := map[string]string{}
	for _, c := range filed.Cells {
		texts[c.Field] = c.Text
	}
	made, err := r.try(ctx, filed.Ticket, named, texts)
	answer := &control.Workspace{Path: made.Path, Created: made.Created, Kept: made.Kept, Problem: control.Encode(err)}
	if answer.Created == nil {
		answer.Created = []string{}
	}
	if answer.Kept == nil {
		answer.Kept = []string{}
	}
	return answer
}

// try makes the folder. texts are those of the ticket by the names of their
// fields, whatever the caller or the table call them.
func (r *rooms) try(ctx context.Context, id, named string, texts map[string]string) (workspace.Made, error) {
	place, err := r.site.Place(id, named)
	if err != nil {
		return workspace.Made{}, err
	}
	templates, err := r.templates(place)
	if err != nil {
		return workspace.Made{}, err
	}
	made, err := workspace.Make(ctx, workspace.Request{
		Place: place, Summary: texts[tracker.Summary], Detail: texts[tracker.Detail], Templates: templates, Lang: r.lang, Now: r.house.Now(),
	})
	if err != nil {
		return made, err
	}
	if len(made.Created) > 0 {
		_, err = r.house.Ledger.Record(ctx, "workspace.made", id, map[string]any{"path": made.Path, "created": made.Created, "kept": made.Kept})
	}
	return made, err
}

// templates is the folder of the documents that a folder begins with, empty for
// our own: what the project that it lies in says, else the one in the home.
func (r *rooms) templates(place workspace.Place) (string, error) {
	if root, ok := project.Find(place.Path()); ok {
		p, err := project.Load(root)
		if err != nil {
			return "", err
		}
		if p.Templates != "" {
			folder := filepath.Join(root, p.Templates)
			return folder, workspace.CheckTemplates(folder)
		}
	}
	folder := filepath.Join(string(r.house.Config.Home), "templates")
	if _, err := os.Stat(folder); err != nil {
		return "", nil
	}
	return folder, nil
}

// there is the folder of a ticket, empty while there is none.
func (r *rooms) there(ctx context.Context, id string) string {
	named, err := r.tracker.Place(ctx, id)
	if err != nil {
		return ""
	}
	place, err := r.site.Place(id, named)
	if err != nil {
		return ""
	}
	if info, err := os.Lstat(place.Path()); err != nil || !info.IsDir() {
		return "" // a link is followed by nobody here
	}
	return place.Path()
}

// late takes a ticket whose verdict nobody waited for.
func (r *rooms) late(k tracker.Ticket) {
	r.mu.Lock()
	r.waiting = append(r.waiting, k)
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default: // it is awake
	}
}

// run makes the folders of late tickets until ctx ends.
func (r *rooms) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.news:
		}
		r.mu.Lock()
		waiting := r.waiting
		r.waiting = nil
		r.mu.Unlock()
		for _, k := range waiting {
			named, err := r.tracker.Place(ctx, k.ID)
			if err == nil {
				texts := map[string]string{}
				for _, f := range k.Fields {
					texts[f.Name] = f.Text
				}
				_, err = r.try(ctx, k.ID, named, texts)
			}
			if err != nil {
				r.house.Log.Warn("the folder of a ticket was not made", "ticket", k.ID, "error", fault.Explain(err, phrase.English))
			}
		}
	}
}
