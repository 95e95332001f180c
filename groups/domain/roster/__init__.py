"""The roster import as pure functions: what the files say, what is there, and the plan that joins the two."""
