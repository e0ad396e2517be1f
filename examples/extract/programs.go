// Package extract carries the programs of this folder, so that a uratori that
// was installed without the repository can show them at work.
package extract

import "embed"

// Programs are pictures.py, extract.py and extract_progress.py.
//
//go:embed *.py
var Programs embed.FS
