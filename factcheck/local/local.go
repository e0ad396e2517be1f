// Package local has the checkers of what gates claim: it looks at files,
// pictures, repositories, processes, servers of this machine, tasks and cells,
// and runs commands.
//
// Every look is one of now. What could not be looked at, for whatever reason,
// is unverifiable; so is what changed while it was looked at. A look ends
// within the limit of its claim.
//
// Files are reached through os.Root: what leads out of the project and out of
// the ticket's folder, through whatever link, is not followed. Only regular
// files are opened, so that no pipe and no device can hold a look up.
package local
