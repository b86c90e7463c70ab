"""MindLyfe: the open platform that mental-health clinics run themselves."""
