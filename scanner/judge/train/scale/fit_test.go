package main

import (
	"fmt"
	"strings"
	"testing"

	"keyrake/scanner/judge"
)

// TestFit: a trait that goes with secrets gets points for it, one that goes
// against them loses some, and one that must not count for a secret does not.
func TestFit(t *testing.T) {
	var up, down, barred judge.Trait
	for x := range judge.Trait(judge.Traits) {
		switch x.Direction() {
		case 1:
			up = x
		case -1:
			down, barred = barred, x
		}
	}
	var cases []example
	for i := range 200 {
		e := example{from: labelled, group: fmt.Sprint(i % 20), place: fmt.Sprint(i), secret: i%2 == 0}
		e.Before = 30
		if e.secret {
			e.Holds = []judge.Trait{up, barred}
		} else {
			e.Holds = []judge.Trait{down}
		}
		cases = append(cases, e)
	}
	balance(cases)
	w := fit(cases)
	if w[up] < 0.5 || w[down] > -0.5 || w[barred] != 0 {
		t.Errorf("weights %.2f, %.2f, %.2f", w[up], w[down], w[barred])
	}
	if again := fit(cases); *again != *w {
		t.Error("a second fit differs")
	}
	src, err := render(w, measure(cases))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "100 weak secrets and 100 other places in 20 repositories") {
		t.Errorf("the head of the table is\n%.400s", src)
	}
	for i := range 10 {
		for _, e := range without(cases, i, 10) {
			if part(e.group, 10) == i {
				t.Fatalf("group %s was not left out", e.group)
			}
		}
	}
}

// TestStandIns: the list is long, in order and without doubles.
func TestStandIns(t *testing.T) {
	list := standInsFrom(wordsForPasswords)
	if len(list) < 300 {
		t.Errorf("only %d", len(list))
	}
	for i := 1; i < len(list); i++ {
		if list[i] <= list[i-1] {
			t.Errorf("%q stands behind %q", list[i], list[i-1])
		}
	}
}
