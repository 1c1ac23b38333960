package main

import (
	"fmt"
	"strings"
	"time"
)

// show prints a check as a line that the suite reads: ok TAB name, or failed TAB name TAB why.
func show(name string, fill func() error) {
	name = "Redpanda Console: " + name
	if err := fill(); err != nil {
		fmt.Printf("failed\t%s\t%s\n", name, strings.Join(strings.Fields(err.Error()), " "))
		return
	}
	fmt.Printf("ok\t%s\n", name)
}

func same(actual, expected any, what string) error {
	if a, e := fmt.Sprint(actual), fmt.Sprint(expected); a != e {
		return fmt.Errorf("%s: %s instead of %s", what, a, e)
	}
	return nil
}

func that(fact bool, what string, values ...any) error {
	if !fact {
		return fmt.Errorf("%s: %v", what, values)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// until asks again for ten seconds: some screens follow what the broker does a moment later.
func until(holds func() error) error {
	var err error
	for i := 0; i < 100; i++ {
		if err = holds(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}
