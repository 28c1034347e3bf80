package rules

import (
	"fmt"
	"strings"
)

// severityNames holds the text form of each Severity, in rising order.
var severityNames = [...]string{"info", "low", "medium", "high", "critical"}

// String gives the severity's lower-case word, as rule files and reports write it.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// ParseSeverity reads a severity's word, in any ASCII case.
func ParseSeverity(text string) (Severity, error) {
	for i, name := range severityNames {
		if strings.EqualFold(text, name) {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("severity %q is unknown: use one of %s", text, strings.Join(severityNames[:], ", "))
}
