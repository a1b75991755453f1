// Compose-check reads a compose file as Docker Compose 2 does, with the same library: interpolation, schema, and whether all that
// services name is there. It prints the services that the profiles leave, as JSON, or what is wrong.
//
//	compose-check FILE [PROFILE…]
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("compose-check FILE [PROFILE…]")
	}
	options, err := cli.NewProjectOptions(args[:1], cli.WithOsEnv, cli.WithInterpolation(true), cli.WithResolvedPaths(true), cli.WithProfiles(args[1:]))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(text, '\n'))
	return err
}
