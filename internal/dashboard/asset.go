package dashboard

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed assets/*.css assets/*.js assets/*.svg assets/vendor
var assets embed.FS

//go:embed assets/*.html
var templates embed.FS

// asset serves the styles and scripts, which are all in the binary. A browser
// asks each time whether what it has is still so, and is seldom sent it again.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	kind := types[path.Ext(name)]
	raw, err := fs.ReadFile(assets, "assets/"+name) // refuses every path that leads elsewhere
	if kind == "" || err != nil {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(raw)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
}
