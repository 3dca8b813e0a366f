package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// ruleDialog asks for a rule and shows what it would do before it does it.
type ruleDialog struct {
	view   *namesView
	dialog *dialog.CustomDialog

	kind   *picker
	scope  *picker
	from   *choiceField
	domain *choiceField
	short  *tick
	fromOf fyne.CanvasObject
	words  *paragraph
	result *changesTable
	apply  *pressable
	found  []migration.NameChange
}

// The rules in the order of the list.
var ruleKinds = []migration.NameRuleKind{migration.RuleFirstLast, migration.RuleInitials, migration.RuleDomain}

// askRule opens the dialog.
func (v *namesView) askRule() {
	if v.length() == 0 {
		v.tell(migration.Msg("names.nobody"))
		return
	}
	v.finishEdit()
	r := &ruleDialog{view: v, result: newChangesTable(v)}
	changed := func(string) { r.preview() }
	domains := v.sheet.Domains()
	r.kind = newPicker(noKeys{}, []string{
		say(migration.Msg("names.rule.firstlast")), say(migration.Msg("names.rule.initials")), say(migration.Msg("names.rule.replace")),
	}, nil)
	r.scope = newPicker(noKeys{}, v.scopes(), nil)
	r.from, r.domain = newChoiceField(noKeys{}, migration.Msg("names.rule.from.any"), nil), newChoiceField(noKeys{}, migration.Msg("names.rule.to"), nil)
	r.from.SetOptions(domains)
	r.domain.SetOptions(domains)
	r.short = newTick(noKeys{}, say(migration.Msg("names.rule.short")), nil)
	r.kind.SetSelectedIndex(0)
	r.scope.SetSelectedIndex(0)
	r.domain.SetText(v.sheet.MainDomain())
	r.kind.OnChanged, r.scope.OnChanged, r.from.OnChanged, r.domain.OnChanged = changed, changed, changed, changed
	r.short.OnChanged = func(bool) { r.preview() }
	label := func(m migration.Message) fyne.CanvasObject { return widget.NewLabel(say(m)) }
	r.fromOf = label(migration.Msg("names.rule.from"))
	form := container.New(layout.NewFormLayout(),
		label(migration.Msg("names.rule.kind")), r.kind,
		label(migration.Msg("names.rule.scope")), r.scope,
		r.fromOf, r.from,
		label(migration.Msg("names.rule.to")), r.domain,
		layout.NewSpacer(), r.short)
	r.words = wrapped("")
	r.dialog = dialog.NewCustomWithoutButtons(say(migration.Msg("names.rule.title")),
		container.NewBorder(container.NewVBox(form, r.words), nil, nil, nil, r.result.table), v.host.window())
	r.apply = newPressable(v.host, say(migration.Msg("names.rule.apply")), r.carryOut)
	r.apply.Importance = widget.HighImportance
	r.dialog.SetButtons([]fyne.CanvasObject{container.NewHBox(leaving(newPressable(v.host, say(migration.Msg("button.cancel")), r.dialog.Hide)), r.apply)})
	r.preview()
	r.dialog.Resize(dialogSize(v.host.window()))
	r.dialog.Show()
	v.host.window().Canvas().Focus(r.kind)
}

// scopes are whom a rule may be for.
func (v *namesView) scopes() []string {
	n := figures()
	return []string{
		say(migration.Msg("names.rule.all", "Count", n.Number(int64(v.sheet.Len())))),
		say(migration.Msg("names.rule.shown", "Count", n.Number(int64(len(v.order))))),
		say(migration.Msg("names.rule.conflicts", "Count", n.Number(int64(v.sheet.Conflicts())))),
	}
}

func (r *ruleDialog) rows() []int {
	v := r.view
	var out []int
	shown := map[int]bool{}
	for _, row := range v.order {
		shown[row] = true
	}
	for row := range v.sheet.Len() {
		switch r.scope.SelectedIndex() {
		case 1:
			if !shown[row] {
				continue
			}
		case 2:
			if v.sheet.Problem(row) == migration.NameInOrder {
				continue
			}
		}
		out = append(out, row)
	}
	return out
}

func (r *ruleDialog) rule() migration.NameRule {
	return migration.NameRule{
		Kind: ruleKinds[max(0, r.kind.SelectedIndex())], Domain: strings.TrimPrefix(strings.TrimSpace(r.domain.Text), "@"),
		From: strings.TrimPrefix(strings.TrimSpace(r.from.Text), "@"), Short: r.short.Checked,
	}
}

// preview shows what the rule would do as it stands now.
func (r *ruleDialog) preview() {
	rule := r.rule()
	replace := rule.Kind == migration.RuleDomain
	visible(r.from, replace)
	visible(r.fromOf, replace)
	visible(r.short, !replace)
	fault := rule.Fault()
	r.found = r.view.sheet.Preview(rule, r.rows())
	r.result.set(r.found)
	n := figures()
	switch {
	case !fault.IsZero():
		r.words.SetText(say(fault))
	case len(r.found) == 0:
		r.words.SetText(say(migration.Msg("names.rule.nothing")))
	default:
		r.words.SetText(say(migration.Msg("names.rule.words", "Count", n.Number(int64(len(r.found))), "Wrong", n.Number(int64(r.result.wrong())))))
	}
	// The words above the list are the reason why the button is closed.
	if len(r.found) > 0 {
		r.apply.Enable()
	} else {
		r.apply.Disable()
	}
}

func (r *ruleDialog) carryOut() {
	v := r.view
	r.dialog.Hide()
	n := v.apply(migration.Msg("names.step.rule", "Rule", r.kind.Selected), v.sheet.Changed(r.found))
	v.tell(migration.Msg("names.rule.done", "Count", figures().Number(int64(n))))
	v.table.FocusRows()
}
