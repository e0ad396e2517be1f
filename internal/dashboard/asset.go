package dashboard

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
)

//go:embed assets/*.css assets/*.js assets/*.svg assets/vendor
var assets embed.FS

//go:embed assets/*.html
var templates embed.FS

// asset serves the styles and scripts, which are all in the binary.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	kind := types[path.Ext(name)]
	raw, err := fs.ReadFile(assets, "assets/"+name) // refuses every path that leads elsewhere
	if kind == "" || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(raw) // the browser has gone otherwise
}
