package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"uratori/internal/dashboard/thumb"
)

// show is what pages of tasks share: how much may be sent at once, and small
// pictures.
type show struct {
	feeds, downloads, pictures *turns
	maker                      *thumb.Maker
	thumbs                     *thumb.Cache
}

func newShow() show {
	return show{
		feeds: &turns{most: mostFeeds}, downloads: &turns{most: mostDownloads}, pictures: &turns{most: mostPictures},
		maker: thumb.NewMaker(), thumbs: thumb.NewCache(),
	}
}

// showTasks adds the pages of tasks and what their scripts and pictures ask for.
func (d *Dashboard) showTasks(mux *http.ServeMux) {
	mux.HandleFunc("GET /task/{task}", d.page)
	mux.HandleFunc("GET /task/{task}/output/{item}/{output}", d.page)
	mux.HandleFunc("GET /task/{task}/log", d.logWindow)
	mux.HandleFunc("GET /task/{task}/log/follow", d.logFollow)
	mux.HandleFunc("GET /task/{task}/log/search", d.logSearch)
	mux.HandleFunc("GET /task/{task}/log/file", d.logFile)
	mux.HandleFunc("GET /task/{task}/samples", d.taskSamples)
	mux.HandleFunc("GET /task/{task}/file/{item}/{output}", d.outputFile)
	mux.HandleFunc("GET /task/{task}/thumb/{item}/{output}", d.outputThumb)
}

// taskScreenOf is the screen of an address of a task, nil for any other.
func taskScreenOf(u *url.URL, d door, now func() time.Time) screen {
	if id, ok := taskAt(u.Path); ok {
		return newTaskScreen(id, u.Query(), d, now)
	}
	if s, ok := outputAt(u.Path); ok {
		return &s
	}
	return nil
}

func taskPath(task int64) string { return "/task/" + strconv.FormatInt(task, 10) }

// OfTask tells whether the page is that of a task, which has scripts of its own.
func (f frame) OfTask() bool {
	_, ok := taskAt(f.Path)
	return ok
}
