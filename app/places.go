package app

// views makes the page of each place. A page is made once, when it is first
// visited, and lives as long as its window.
var views = map[place]func(host) view{
	placeWelcome:       newWelcomeView,
	placeRecovery:      newRecoveryView,
	placeLogin:         newLoginView,
	placeConfirm:       newConfirmView,
	placeChecklist:     newChecklistView,
	placeChecks:        newChecksView,
	placePlans:         newPlansView,
	placeNames:         newNamesView,
	placeNotifications: newNotificationsView,
	placeMailboxes:     newMailboxesView,
	placeUpload:        newUploadView,
	placeComplete:      newCompleteView,
}
