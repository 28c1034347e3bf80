package main

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	tests := []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 3, 100}, 3.5},
		{[]float64{5, 5, 1, 1, 1}, 1},
	}
	for _, tt := range tests {
		given := append([]float64(nil), tt.values...)
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", given, got, tt.want)
		}
		for i := range given {
			if given[i] != tt.values[i] {
				t.Errorf("median changed its argument %v to %v", given, tt.values)
				break
			}
		}
	}
}

func TestGeoMean(t *testing.T) {
	tests := []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{7}, 7},
		{[]float64{1, 4}, 2},
		{[]float64{0.5, 2, 8}, 2},
		{[]float64{1, 0}, 0},
		{[]float64{1, -2}, 0},
		{[]float64{1, math.NaN()}, 0},
	}
	for _, tt := range tests {
		if got := geoMean(tt.values); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("geoMean(%v) = %v, want %v", tt.values, got, tt.want)
		}
	}
}

func TestSummarize(t *testing.T) {
	m := summarize(record{Kind: "scan", Samples: []sample{
		{Wall: 3, CPU: 1, MaxRSS: 10, Anon: 4, Exit: 1},
		{Wall: 1, CPU: 3, MaxRSS: 30, Exit: 1},
		{Wall: 2, CPU: 2, MaxRSS: 20, Anon: 6, Exit: 0},
	}})
	if m.wall != 2 || m.cpu != 2 || m.maxRSS != 20 || m.anon != 5 || m.runs != 3 || !m.valid() {
		t.Errorf("summarize = %+v", m)
	}
	if m := summarize(record{Kind: "scan", Samples: []sample{{Wall: 1, Exit: 1}, {Wall: 1, Exit: 3}}}); m.valid() || len(m.badExits) != 1 {
		t.Errorf("a run that ended with exit 3 counts as whole: %+v", m)
	}
	if m := summarize(record{Kind: "scan", Samples: []sample{{Wall: 1, Exit: -1, TimedOut: true}}}); m.valid() || !m.timedOut || len(m.badExits) != 0 {
		t.Errorf("a run that was stopped counts as whole: %+v", m)
	}
}
