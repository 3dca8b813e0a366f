package migration

import (
	"context"
	"fmt"
)

// htmlPath is the report for people.
const htmlPath = "report.html"

// unnamed finds what lies among the objects and is not in the manifest: what was
// sent before its row vanished (the report calls it an orphan), or what somebody
// else has laid there. It also misses the report for people, which no line names.
func (v *Verifier) unnamed(ctx context.Context) error {
	if v.unlisted {
		return nil
	}
	if _, found := v.listed[pathKey(htmlPath)]; !found {
		v.find("", htmlPath, Msg("verify.gone"))
	}
	for _, prefix := range objectFolders {
		err := v.Target.List(ctx, prefix, func(o Object) error {
			if v.listed[pathKey(o.Path)].named {
				return nil
			}
			if v.result.Unnamed++; len(v.result.UnnamedPaths) < maxListed {
				v.result.UnnamedPaths = append(v.result.UnnamedPaths, o.Path)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("list target: %w", err)
		}
	}
	return nil
}
