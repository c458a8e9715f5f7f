not-understood = Sorry { $frist-name }, I did not understand.
