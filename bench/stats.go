package main

import (
	"math"
	"slices"
)

// median returns the middle of the values, of an even number the mean of the
// two middle ones, and 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// geoMean returns the geometric mean. It is 0 without values and when a value
// is not above zero, for which it does not exist.
func geoMean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	var sum float64
	for _, v := range values {
		if !(v > 0) {
			return 0
		}
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}

// medians are those of the measured runs of one command on one repository.
type medians struct {
	wall, cpu    float64 // seconds
	maxRSS, anon float64 // bytes
	floor        float64 // the largest Floor
	runs         int
	timedOut     bool
	badExits     []int // exit codes that say the work was not done
}

// summarize takes the medians of each figure for itself.
func summarize(r record) medians {
	m := medians{runs: len(r.Samples)}
	var wall, cpu, rss, anon []float64
	for _, s := range r.Samples {
		wall = append(wall, s.Wall)
		cpu = append(cpu, s.CPU)
		m.floor = max(m.floor, float64(s.Floor))
		rss = append(rss, float64(s.MaxRSS))
		if s.Anon > 0 {
			anon = append(anon, float64(s.Anon))
		}
		m.timedOut = m.timedOut || s.TimedOut
		if !s.TimedOut && !goodExit(r.Kind, s.Exit) && !slices.Contains(m.badExits, s.Exit) {
			m.badExits = append(m.badExits, s.Exit)
		}
	}
	m.wall, m.cpu, m.maxRSS, m.anon = median(wall), median(cpu), median(rss), median(anon)
	return m
}
