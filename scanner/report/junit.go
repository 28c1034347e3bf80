package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"keyrake/scanner/finding"
)

// JUnit writes the report as test results: a test case for each rule and file,
// which fails; one for each gap, which is an error; one for each suppressed
// finding and for those that do not fail the scan, which is skipped. A clean and complete scan is one case that passes.
func JUnit(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	suite := junitSuite{Name: "keyrake " + v.source, Errors: len(v.gaps), Skipped: len(v.suppressed), Output: v.status + "; " + v.coverage}
	suite.failures(v)
	for _, g := range v.gaps {
		suite.Cases = append(suite.Cases, junitCase{Class: "keyrake.incomplete", Name: "not read: " + g.What, Error: &junitDetail{g.Reason, "incomplete", g.What + ": " + g.Reason}})
	}
	for i := range v.suppressed {
		it := &v.suppressed[i]
		suite.Cases = append(suite.Cases, junitCase{
			Class: "keyrake." + it.rule, Name: it.title + " in " + it.spots[0].name, File: Clean(it.spots[0].file()),
			Skipped: &junitSkip{"suppressed by " + it.by + ": " + it.why},
		})
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Class: "keyrake", Name: v.status}}
	}
	suite.Tests = len(suite.Cases)
	doc, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit report: %w", err)
	}
	_, err = w.Write(append(append([]byte(xml.Header), doc...), '\n'))
	return err
}

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
	Output   string      `xml:"system-out"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	File    string       `xml:"file,attr,omitempty"`
	Failure *junitDetail `xml:"failure"`
	Error   *junitDetail `xml:"error"`
	Skipped *junitSkip   `xml:"skipped"`
}

type junitDetail struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkip struct {
	Message string `xml:"message,attr"`
}

// failures adds a case for each rule and file, with all findings there, in the
// order of their first.
func (s *junitSuite) failures(v *view) {
	type key struct {
		rule, file string
		passes     bool
	}
	at := map[key]int{}
	for i := range v.findings {
		it := &v.findings[i]
		for _, place := range it.distinct() {
			k := key{it.rule, place.name, it.passes}
			n, known := at[k]
			if !known {
				n = len(s.Cases)
				at[k] = n
				s.Cases = append(s.Cases, it.junit(place))
			}
			if it.passes {
				continue
			}
			f := s.Cases[n].Failure
			f.Text = strings.TrimPrefix(f.Text+"\n", "\n") + place.at() + ": " + it.says() + ". " + it.remedy
		}
	}
	for i := range s.Cases {
		if s.Cases[i].Failure != nil {
			s.Failures++
		} else {
			s.Skipped++
		}
	}
}

// junit gives the case of the first finding of a rule in a file.
func (it *item) junit(place spot) junitCase {
	c := junitCase{Class: "keyrake." + it.rule, Name: it.title + " in " + place.name, File: Clean(place.file())}
	if it.passes {
		c.Skipped = &junitSkip{"does not fail the scan, severity " + it.severity.String() + ": " + it.says()}
	} else {
		c.Failure = &junitDetail{Message: it.says(), Type: it.severity.String()}
	}
	return c
}
