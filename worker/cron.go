package worker

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxGap gives the most days that lie between two days on which a cron
// expression fires, over eight years: "quarterly" can be 92 of them.
func MaxGap(expression string) (int, error) {
	c, err := parseCron(expression)
	if err != nil {
		return 0, err
	}
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	end := day.AddDate(8, 0, 0)
	gap, last := 0, time.Time{}
	for ; day.Before(end); day = day.AddDate(0, 0, 1) {
		if !c.fires(day) {
			continue
		}
		if !last.IsZero() {
			gap = max(gap, int(day.Sub(last).Hours()/24))
		}
		last = day
	}
	if gap == 0 {
		return 0, fmt.Errorf("cron %q fires less than twice in eight years", expression)
	}
	return gap, nil
}

// cron holds the days of an expression; hours and minutes say nothing here.
type cron struct {
	days, months, weekdays uint64 // a bit for each value
	anyDay, anyWeekday     bool
}

func (c cron) fires(t time.Time) bool {
	if c.months&(1<<int(t.Month())) == 0 {
		return false
	}
	day, weekday := c.days&(1<<t.Day()) != 0, c.weekdays&(1<<int(t.Weekday())) != 0
	if c.anyDay || c.anyWeekday {
		return day && weekday
	}
	return day || weekday // cron's own rule where both are given
}

func parseCron(text string) (c cron, err error) {
	switch text {
	case "@yearly", "@annually":
		text = "0 0 1 1 *"
	case "@monthly":
		text = "0 0 1 * *"
	case "@weekly":
		text = "0 0 * * 0"
	case "@daily", "@midnight", "@hourly":
		text = "0 0 * * *"
	}
	f := strings.Fields(text)
	if len(f) != 5 {
		return c, fmt.Errorf("cron %q has %d fields and not five", text, len(f))
	}
	if _, err = cronField(f[0], 0, 59, ""); err != nil {
		return c, err
	}
	if _, err = cronField(f[1], 0, 23, ""); err != nil {
		return c, err
	}
	if c.days, err = cronField(f[2], 1, 31, ""); err != nil {
		return c, err
	}
	if c.months, err = cronField(f[3], 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"); err != nil {
		return c, err
	}
	if c.weekdays, err = cronField(f[4], 0, 7, "sun mon tue wed thu fri sat"); err != nil {
		return c, err
	}
	if c.weekdays&(1<<7) != 0 {
		c.weekdays |= 1
	}
	c.anyDay, c.anyWeekday = strings.HasPrefix(f[2], "*"), strings.HasPrefix(f[4], "*")
	return c, nil
}

// cronField reads lists of values, ranges and steps.
func cronField(text string, least, most int, names string) (bits uint64, err error) {
	value := func(s string) (int, error) {
		for i, name := range strings.Fields(names) {
			if strings.EqualFold(s, name) {
				return least + i, nil
			}
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("cron: %q is not from %d to %d", s, least, most)
		}
		return n, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return 0, fmt.Errorf("cron: %q is no step", stepText)
			}
		}
		from, to := least, most
		if span != "*" && span != "?" {
			low, high, ranged := strings.Cut(span, "-")
			if from, err = value(low); err != nil {
				return 0, err
			}
			if ranged {
				if to, err = value(high); err != nil {
					return 0, err
				}
			} else if !stepped {
				to = from
			}
		}
		for n := from; n <= to; n += step {
			bits |= 1 << n
		}
	}
	return bits, nil
}
