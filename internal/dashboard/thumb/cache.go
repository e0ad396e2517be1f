package thumb

import "sync"

// Key names a picture as it was: another time or size is another picture.
type Key struct {
	Task         int64
	Item, Output int
	Modified     int64 // nanoseconds
	Size         int64
}

// Cache keeps small pictures that were made lately.
type Cache struct {
	mu    sync.Mutex
	list  map[Key][]byte
	order []Key // oldest first
	bytes int
}

// mostCached bounds what is kept, in bytes: some two thousand small pictures.
const mostCached = 16 << 20

// NewCache is an empty one.
func NewCache() *Cache { return &Cache{list: map[Key][]byte{}} }

// Get is a picture that is kept.
func (c *Cache) Get(k Key) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, ok := c.list[k]
	return raw, ok
}

// Put keeps a picture.
func (c *Cache) Put(k Key, raw []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.list[k]; known || len(raw) > mostCached {
		return
	}
	c.list[k], c.order, c.bytes = raw, append(c.order, k), c.bytes+len(raw)
	for c.bytes > mostCached {
		c.bytes -= len(c.list[c.order[0]])
		delete(c.list, c.order[0])
		c.order = c.order[1:]
	}
}
