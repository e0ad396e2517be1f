package monitor

import (
	"slices"
	"time"
)

// leak tells steady growth of memory from everything else that memory does.
//
// "It has grown by 2 GB" is true of every healthy program that loads a model.
// What counts here is the floor: the least that was in use in each minute. A
// program that takes and gives back comes down to the same floor again and
// again; one that leaks does not. The slope through the floors is that of Theil
// and Sen, the median of the slopes between all pairs, which no single outlier
// moves.
type leak struct {
	width  time.Duration // of a bucket
	floors []uint64
	filled time.Duration // of the last bucket
}

const (
	// warmUp is how many looks a program may take to load whatever it needs: 10
	// minutes, where one is taken every 5 seconds.
	warmUp = 120
	// bucketLooks is how many looks the first buckets span: a minute.
	bucketLooks = 12
	// buckets are kept; when they are full they are made twice as wide, so
	// that a slow leak over days is seen with the same memory.
	buckets = 120
	// fewest buckets make a judgement.
	fewest = 10
)

// see takes in how much is in use, of a program of that age, at a look that
// stands for step. It tells whether a bucket is full, so that there is
// something new to judge.
func (l *leak) see(every, age, step time.Duration, bytes uint64) bool {
	if age < warmUp*every {
		return false
	}
	if l.width == 0 {
		l.width = bucketLooks * every
	}
	l.filled += step
	if n := len(l.floors); n > 0 && l.filled < l.width {
		l.floors[n-1] = min(l.floors[n-1], bytes)
		return false
	}
	l.floors, l.filled = append(l.floors, bytes), 0
	if len(l.floors) > buckets {
		l.fold()
	}
	return len(l.floors) > fewest
}

func (l *leak) fold() {
	half := l.floors[:0]
	for i := 0; i < len(l.floors); i += 2 {
		floor := l.floors[i]
		if i+1 < len(l.floors) {
			floor = min(floor, l.floors[i+1])
		}
		half = append(half, floor)
	}
	l.floors, l.width = half, 2*l.width
}

// growth is by how much the floor has risen steadily, in bytes, and over what
// time; 0 when it has not.
func (l *leak) growth() (bytes uint64, over time.Duration) {
	floors := l.floors
	if n := len(floors); n > 1 {
		floors = floors[:n-1] // the last bucket is still open
	}
	if len(floors) < fewest {
		return 0, 0
	}
	all := slope(floors)
	// It must still be growing: a third of the way from the end the floor
	// rises at a quarter of the whole pace at least.
	recent := slope(floors[len(floors)*2/3:])
	// And it must never have come down again since: of a program that takes and
	// gives back in a rhythm only part of a beat may have been seen.
	third := len(floors) / 3
	rise := float64(slices.Min(floors[len(floors)-third:])) - float64(slices.Min(floors[:third]))
	grown := all * float64(len(floors)-1)
	if all <= 0 || recent < all/4 || rise <= 0 {
		return 0, 0
	}
	return uint64(min(grown, rise)), time.Duration(len(floors)-1) * l.width
}

// slope is that of Theil and Sen, in bytes a bucket.
func slope(floors []uint64) float64 {
	var all []float64
	for i := range floors {
		for j := i + 1; j < len(floors); j++ {
			all = append(all, (float64(floors[j])-float64(floors[i]))/float64(j-i))
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
