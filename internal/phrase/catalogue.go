package phrase

// catalogue lists the parts of the catalogue, one file each. A key stands in
// one part only.
func catalogue() []map[string]text {
	return []map[string]text{configTexts, storeTexts, controlTexts, daemonTexts, cliTexts, initTexts, demoTexts, sheetTexts, sheetEditTexts, sheetsTexts, sheetCLITexts, frontTexts, lineTexts, tabfileTexts, authTexts, workspaceTexts, trackerTexts, ticketCLITexts, taskCLITexts, factcheckTexts, runnerTexts, monitorTexts, watchCLITexts, notifyTexts, progressTexts, itemsTexts, gateTexts, localTexts, gpuTexts, mcpTexts, approvalTexts, approveCLITexts, projectTexts, workflowTexts, workflowCLITexts, hookTexts, dashboardTexts, taskPageTexts, pageSheetTexts}
}
